-- Whether a score of 0.4 came true in 40 of 100 cases, by the newest evaluation that could say.
create or replace view peerfolio_bi.score_calibration as
select
    e.evaluation_id,
    e.evaluated_at,
    e.published_method as method,
    e.is_calibration_earned as is_earned,
    b.bin,
    b.lowest_score,
    b.highest_score,
    b.suggestions,
    b.mean_score,
    b.mean_propensity,
    b.observed,
    b.observed_low,
    b.observed_high
from peerfolio.calibration_bins b
join peerfolio.evaluations e using (evaluation_id)
where e.evaluation_id = (
    select max(l.evaluation_id) from peerfolio.evaluations l
    where l.channel = 'live' and l.calibration_scores is not null);

comment on view peerfolio_bi.score_calibration is 'Reliability table of the newest evaluation on dated holdings: how often suggestions came true, by score.';
comment on column peerfolio_bi.score_calibration.evaluation_id is 'Number of the evaluation.';
comment on column peerfolio_bi.score_calibration.evaluated_at is 'When it was made.';
comment on column peerfolio_bi.score_calibration.method is 'The method whose scores they are: peers or hybrid.';
comment on column peerfolio_bi.score_calibration.is_earned is 'Whether runs of this model write propensities: better than one constant, the whole interval above 0, and right on average.';
comment on column peerfolio_bi.score_calibration.bin is 'From 1 for the lowest scores; about a tenth of the suggestions each.';
comment on column peerfolio_bi.score_calibration.lowest_score is 'The least score in the bin.';
comment on column peerfolio_bi.score_calibration.highest_score is 'The greatest score in the bin.';
comment on column peerfolio_bi.score_calibration.suggestions is 'Suggestions in the bin.';
comment on column peerfolio_bi.score_calibration.mean_score is 'Their mean score.';
comment on column peerfolio_bi.score_calibration.mean_propensity is 'Their mean propensity, by a function that was not fitted on them.';
comment on column peerfolio_bi.score_calibration.observed is 'The share that came true.';
comment on column peerfolio_bi.score_calibration.observed_low is 'Lower end of Wilson''s 95% interval.';
comment on column peerfolio_bi.score_calibration.observed_high is 'Upper end of it.';
grant select on peerfolio_bi.score_calibration to peerfolio_reader, peerfolio_runner;
