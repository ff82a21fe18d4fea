-- A further signal: the last place of signal_scores, which runs of before do not have.

comment on column peerfolio.recommendations.signal_scores is
    'The parts of a hybrid score: peers, item_conditional, ease, popularity, recent_popularity, segment_popularity, recent_peers, recent_item_conditional, recent_ease, softmax; null without a hybrid model.';
