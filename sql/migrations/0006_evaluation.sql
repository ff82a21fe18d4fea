-- What recommendations are worth: evaluations on history, backtests of runs, and what a score has come to mean.

create table peerfolio.evaluations (
    evaluation_id bigint generated always as identity primary key,
    channel text not null,
    run_id bigint references peerfolio.runs on delete cascade,
    kind text not null check (kind in ('temporal', 'leave_one_out')),
    config jsonb not null,
    model_hash text not null,
    published_method text not null,
    windows integer not null check (windows >= 1),
    clients bigint not null check (clients >= 0),
    pairs bigint not null check (pairs >= 0),
    best_baseline text,
    duration_ms bigint not null,
    evaluated_at timestamptz not null default clock_timestamp(),
    evaluated_by text not null default session_user,
    program_version text not null,
    brier double precision,
    constant_brier double precision,
    calibration_gain double precision,
    calibration_gain_low double precision,
    calibration_gain_high double precision,
    is_calibration_earned boolean not null default false,
    calibration_scores double precision[],
    calibration_propensities double precision[],
    constraint evaluations_calibration_is_whole check (
        coalesce(array_length(calibration_scores, 1), 0) = coalesce(array_length(calibration_propensities, 1), 0))
);
create index evaluations_run on peerfolio.evaluations (run_id) where run_id is not null;
comment on table peerfolio.evaluations is
    'Evaluations on history: one row per call of peerfolio evaluate, and per backtest of a run. Kept for retention.runs evaluations.';
comment on column peerfolio.evaluations.evaluation_id is 'Number of the evaluation; grows, is never used again.';
comment on column peerfolio.evaluations.channel is 'Publication channel of the configuration.';
comment on column peerfolio.evaluations.run_id is 'The run whose backtest it is; null for peerfolio evaluate.';
comment on column peerfolio.evaluations.kind is 'temporal: what clients added between two days. leave_one_out: one product of each client, hidden.';
comment on column peerfolio.evaluations.config is 'Configuration that decides the result.';
comment on column peerfolio.evaluations.model_hash is 'SHA-256 of the part of config that decides scores: what a calibration belongs to.';
comment on column peerfolio.evaluations.published_method is 'The method that the configuration publishes: peers or hybrid.';
comment on column peerfolio.evaluations.windows is 'Windows that the figures are the mean of.';
comment on column peerfolio.evaluations.clients is 'Tested clients, in all windows together.';
comment on column peerfolio.evaluations.pairs is 'Products of these clients that were to be found.';
comment on column peerfolio.evaluations.best_baseline is 'The baseline with the best nDCG@10.';
comment on column peerfolio.evaluations.duration_ms is 'How long it took, in milliseconds.';
comment on column peerfolio.evaluations.evaluated_at is 'When it was stored, by the database''s clock.';
comment on column peerfolio.evaluations.evaluated_by is 'Login role that asked for it.';
comment on column peerfolio.evaluations.program_version is 'Version of peerfolio.';
comment on column peerfolio.evaluations.brier is 'Mean squared error of calibrated scores on suggestions they were not fitted on; null without a calibration.';
comment on column peerfolio.evaluations.constant_brier is 'That of one constant for all suggestions.';
comment on column peerfolio.evaluations.calibration_gain is 'constant_brier - brier.';
comment on column peerfolio.evaluations.calibration_gain_low is 'Lower end of its 95% interval.';
comment on column peerfolio.evaluations.calibration_gain_high is 'Upper end of its 95% interval.';
comment on column peerfolio.evaluations.is_calibration_earned is 'Whether the whole interval is above 0 and propensities are right on average, so that runs of this model write them.';
comment on column peerfolio.evaluations.calibration_scores is 'Where each step of the calibration begins, ascending.';
comment on column peerfolio.evaluations.calibration_propensities is 'The propensity on each step, ascending.';

create table peerfolio.run_metrics (
    evaluation_id bigint not null references peerfolio.evaluations on delete cascade,
    window_number integer not null check (window_number >= 0),
    train_date date,
    test_date date,
    segment text,
    method text not null,
    metric text not null,
    value double precision not null,
    low double precision not null,
    high double precision not null,
    compared_with text,
    clients bigint not null
);
create index run_metrics_evaluation on peerfolio.run_metrics (evaluation_id, method, metric);
comment on table peerfolio.run_metrics is
    'Figures of evaluations: one row per window, segment, method and metric, and per compared pair of methods.';
comment on column peerfolio.run_metrics.evaluation_id is 'Evaluation that measured it.';
comment on column peerfolio.run_metrics.window_number is '0 for the mean of all windows, else the window, from 1 for the earliest.';
comment on column peerfolio.run_metrics.train_date is 'Holdings as of this day were ranked on; null for holdings without dates and for the mean.';
comment on column peerfolio.run_metrics.test_date is 'Products added until this day were to be found.';
comment on column peerfolio.run_metrics.segment is 'Clients of this segment only; null for all.';
comment on column peerfolio.run_metrics.method is 'peers, hybrid, popularity, item_conditional, ease or naive_knn.';
comment on column peerfolio.run_metrics.metric is 'Name of the metric with its cutoff, such as ndcg@10.';
comment on column peerfolio.run_metrics.value is 'The figure; where compared_with is set, the difference.';
comment on column peerfolio.run_metrics.low is 'Lower end of the 95% bootstrap interval over clients.';
comment on column peerfolio.run_metrics.high is 'Upper end of it.';
comment on column peerfolio.run_metrics.compared_with is 'The method that value is the difference to, client by client; null for plain figures.';
comment on column peerfolio.run_metrics.clients is 'Tested clients.';

create table peerfolio.calibration_bins (
    evaluation_id bigint not null references peerfolio.evaluations on delete cascade,
    bin integer not null check (bin >= 1),
    lowest_score double precision not null,
    highest_score double precision not null,
    suggestions bigint not null,
    mean_score double precision not null,
    mean_propensity double precision not null,
    observed double precision not null,
    observed_low double precision not null,
    observed_high double precision not null,
    primary key (evaluation_id, bin)
);
comment on table peerfolio.calibration_bins is
    'Reliability table of evaluations: how often suggestions came true, by score.';
comment on column peerfolio.calibration_bins.evaluation_id is 'Evaluation that measured it.';
comment on column peerfolio.calibration_bins.bin is 'From 1 for the lowest scores; about a tenth of the suggestions each.';
comment on column peerfolio.calibration_bins.lowest_score is 'The least score in the bin.';
comment on column peerfolio.calibration_bins.highest_score is 'The greatest score in the bin.';
comment on column peerfolio.calibration_bins.suggestions is 'Suggestions in the bin.';
comment on column peerfolio.calibration_bins.mean_score is 'Their mean score.';
comment on column peerfolio.calibration_bins.mean_propensity is 'Their mean calibrated score, by a function that was not fitted on them.';
comment on column peerfolio.calibration_bins.observed is 'The share that came true.';
comment on column peerfolio.calibration_bins.observed_low is 'Lower end of Wilson''s 95% interval.';
comment on column peerfolio.calibration_bins.observed_high is 'Upper end of it.';

alter table peerfolio.runs
    add column grade text check (grade in ('A', 'B', 'C')),
    add column grade_reason text;
comment on column peerfolio.runs.grade is
    'What the run''s own backtest says against popularity: A better, B not worse, C worse; null without publish.gate or with too few clients.';
comment on column peerfolio.runs.grade_reason is 'The grade in words and figures.';

alter table peerfolio.recommendations
    add column propensity double precision check (propensity >= 0 and propensity <= 1),
    add column signal_scores jsonb;
comment on column peerfolio.recommendations.reason_code is
    'PEERS: from similar portfolios. HYBRID: other signals of a hybrid model speak for it, and no peer holds it. COMPONENTS: peers hold what it is made of, or is most like. POPULAR: fallback, the most popular products.';
comment on column peerfolio.recommendations.propensity is
    'How often such a score came true on history, 0...1; null until peerfolio evaluate has earned it.';
comment on column peerfolio.recommendations.signal_scores is
    'The parts of a hybrid score by signal; null without a hybrid model.';

grant select, insert, delete on peerfolio.evaluations, peerfolio.run_metrics, peerfolio.calibration_bins
    to peerfolio_runner;
grant update (grade, grade_reason) on peerfolio.runs to peerfolio_runner;
