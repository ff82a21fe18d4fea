-- How few products the suggestions of a run come down to; runs of before have no figures.

alter table peerfolio.runs
    add column coverage double precision,
    add column gini double precision,
    add column top3_share double precision;
comment on column peerfolio.runs.coverage is
    'Share of the products that can be suggested (available and held by anybody, or suggested) that it suggests to anybody; null where it suggests nothing.';
comment on column peerfolio.runs.gini is
    'Gini coefficient of how many clients each of these products is suggested to: 0 when all are equal, towards 1 for a single one.';
comment on column peerfolio.runs.top3_share is 'Share of its suggestions that go to the three most suggested products.';
grant update (coverage, gini, top3_share) on peerfolio.runs to peerfolio_runner;
