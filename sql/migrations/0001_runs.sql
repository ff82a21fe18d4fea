-- The run log. One row per run, from its start to whatever became of it.

create table peerfolio.runs (
    run_id bigint generated always as identity primary key,
    channel text not null,
    term bigint not null,
    status text not null check (status in ('running', 'succeeded', 'failed', 'cancelled', 'skipped')),
    phase text not null,
    reason_code text,
    trigger text not null check (trigger in ('manual', 'schedule', 'notify', 'catch_up')),
    requested_by text not null default session_user,
    as_of_date date not null,
    config jsonb not null,
    config_hash text not null,
    input_fingerprint text,
    is_forced boolean not null default false,
    slot smallint,
    clients bigint,
    clients_with_portfolio bigint,
    products bigint,
    holdings bigint,
    distinct_portfolios bigint,
    recommendations bigint,
    findings bigint,
    checksum numeric,
    kernel text,
    width integer,
    phases_ms jsonb,
    progress jsonb,
    started_at timestamptz not null default clock_timestamp(),
    heartbeat_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    published_at timestamptz,
    host text not null,
    process_id integer not null,
    backend_pid integer,
    backend_started_at timestamptz,
    program_version text not null,
    error text,
    error_sqlstate text,
    constraint runs_finished check ((status = 'running') = (finished_at is null))
) with (fillfactor = 50);

-- Fence 1: at most one live run per channel, whatever sessions, poolers or hosts are involved.
create unique index runs_one_running_per_channel on peerfolio.runs (channel) where status = 'running';
-- A slot belongs to one run at a time; the run gives it up when its rows are swept.
create unique index runs_one_run_per_slot on peerfolio.runs (slot) where slot is not null;

comment on table peerfolio.runs is
    'The run log: one row per run, kept for retention.runs runs. Reports read peerfolio_bi.run_history.';
comment on column peerfolio.runs.run_id is 'Number of the run; grows, is never used again.';
comment on column peerfolio.runs.channel is 'Publication channel the run is for (publish.channel).';
comment on column peerfolio.runs.term is 'Fencing token: the channel''s term when the run started. A run whose term is over cannot publish.';
comment on column peerfolio.runs.status is 'running, succeeded, failed, cancelled or skipped.';
comment on column peerfolio.runs.phase is 'What the run is doing or was doing last: start, read, encode, search, write, check, publish, done.';
comment on column peerfolio.runs.reason_code is 'Why a run did not succeed, or was not published: a stable code such as DATA_REFUSED or ABANDONED.';
comment on column peerfolio.runs.trigger is 'What started the run: manual, schedule, notify or catch_up.';
comment on column peerfolio.runs.requested_by is 'Login role that asked for the run.';
comment on column peerfolio.runs.as_of_date is 'Business date: the run scored the holdings as of the end of this day.';
comment on column peerfolio.runs.config is 'Effective configuration that decides the result, without the connection.';
comment on column peerfolio.runs.config_hash is 'SHA-256 of config.';
comment on column peerfolio.runs.input_fingerprint is '128-bit fingerprint of all input as read, independent of row order; null until it was read.';
comment on column peerfolio.runs.is_forced is 'Whether the run was told to publish in spite of findings that refuse.';
comment on column peerfolio.runs.slot is 'Slot that holds the run''s rows; null once they have been swept.';
comment on column peerfolio.runs.clients is 'Clients known: with holdings or in the clients relation.';
comment on column peerfolio.runs.clients_with_portfolio is 'Clients that hold at least one product.';
comment on column peerfolio.runs.products is 'Products known: held by anybody or in the products relation.';
comment on column peerfolio.runs.holdings is 'Pairs of client and product that are held.';
comment on column peerfolio.runs.distinct_portfolios is 'Different portfolios after encoding; each is scored once.';
comment on column peerfolio.runs.recommendations is 'Rows written to recommendations.';
comment on column peerfolio.runs.findings is 'Data-quality findings: rows in run_checks.';
comment on column peerfolio.runs.checksum is 'Sum over recommendations of round(score * 2^30) * rank, verified in SQL after loading.';
comment on column peerfolio.runs.kernel is 'Distance kernel that was used.';
comment on column peerfolio.runs.width is 'Workers that computed at once.';
comment on column peerfolio.runs.phases_ms is 'Milliseconds per phase: read, encode, search, score, write, check, publish, total.';
comment on column peerfolio.runs.progress is 'Progress of the current phase: done and total, in the phase''s own unit.';
comment on column peerfolio.runs.started_at is 'When the run started, by the database''s clock.';
comment on column peerfolio.runs.heartbeat_at is 'Last sign of life, by the database''s clock.';
comment on column peerfolio.runs.finished_at is 'When the run ended; null while it is running.';
comment on column peerfolio.runs.published_at is 'When the run was first published; null if never.';
comment on column peerfolio.runs.host is 'Host name of the machine that ran it.';
comment on column peerfolio.runs.process_id is 'Process id on that host.';
comment on column peerfolio.runs.backend_pid is 'Server process of the run''s control connection; null behind a pooler.';
comment on column peerfolio.runs.backend_started_at is 'When that server process started: with backend_pid it tells whether the run still lives.';
comment on column peerfolio.runs.program_version is 'Version of peerfolio.';
comment on column peerfolio.runs.error is 'Why the run failed, in words; never contains data.';
comment on column peerfolio.runs.error_sqlstate is 'SQLSTATE of the failure, if the server gave one.';

create table peerfolio.run_checks (
    run_id bigint not null references peerfolio.runs on delete cascade,
    code text not null,
    severity text not null check (severity in ('info', 'warning', 'error')),
    occurrences bigint not null,
    examples text[] not null default '{}',
    message text not null,
    primary key (run_id, code)
);
comment on table peerfolio.run_checks is 'Data-quality findings of each run: one row per run and kind of finding.';
comment on column peerfolio.run_checks.run_id is 'Run that found it.';
comment on column peerfolio.run_checks.code is 'Stable code of the finding, such as NEGATIVE_AMOUNT.';
comment on column peerfolio.run_checks.severity is 'info, warning, or error: an error refuses the run unless it is forced.';
comment on column peerfolio.run_checks.occurrences is 'How often it occurs.';
comment on column peerfolio.run_checks.examples is 'Up to five examples: ids from the warehouse.';
comment on column peerfolio.run_checks.message is 'The finding in words.';

grant select, insert, delete on peerfolio.runs, peerfolio.run_checks to peerfolio_runner;
grant update (
    status, phase, reason_code, input_fingerprint, slot, clients, clients_with_portfolio, products, holdings,
    distinct_portfolios, recommendations, findings, checksum, kernel, width, phases_ms, progress, heartbeat_at,
    finished_at, published_at, error, error_sqlstate
) on peerfolio.runs to peerfolio_runner;
