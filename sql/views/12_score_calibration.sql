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
comment on column peerfolio_bi.score_calibration.method is 'The method whose scores they are: peers or hybrid.';
comment on column peerfolio_bi.score_calibration.is_earned is 'Whether runs of this model write propensities: better than one constant, the whole interval above 0, and right on average.';
grant select on peerfolio_bi.score_calibration to peerfolio_reader, peerfolio_runner;
