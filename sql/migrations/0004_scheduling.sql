-- Runs that are asked for before they start, and which of several daemons may start them.

alter table peerfolio.runs
    -- What is known only once somebody starts the run.
    alter column term drop not null,
    alter column as_of_date drop not null,
    alter column config drop not null,
    alter column config_hash drop not null,
    alter column started_at drop not null,
    alter column host drop not null,
    alter column process_id drop not null,
    alter column program_version drop not null,
    add column requested_at timestamptz not null default clock_timestamp(),
    add column request_reason text,
    add column scheduled_for timestamptz,
    add column not_before timestamptz,
    add column attempt integer not null default 1 check (attempt >= 1),
    add column retry_of bigint,
    add column cancel_requested_at timestamptz,
    add column cancel_requested_by text,
    drop constraint runs_status_check,
    add constraint runs_status_check
        check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped')),
    drop constraint runs_trigger_check,
    add constraint runs_trigger_check
        check (trigger in ('manual', 'schedule', 'request', 'notify', 'catch_up')),
    drop constraint runs_finished,
    add constraint runs_finished check ((status in ('queued', 'running')) = (finished_at is null)),
    add constraint runs_started check (
        status not in ('running', 'succeeded')
        or (term is not null and as_of_date is not null and config is not null and config_hash is not null
            and started_at is not null and host is not null and process_id is not null
            and program_version is not null));

-- A due moment is acted upon once, however many daemons see it. Later attempts have no moment of their own.
create unique index runs_once_per_moment on peerfolio.runs (channel, scheduled_for) where scheduled_for is not null;
create index runs_queued on peerfolio.runs (channel, run_id) where status = 'queued';

comment on column peerfolio.runs.status is 'queued, running, succeeded, failed, cancelled or skipped.';
comment on column peerfolio.runs.trigger is 'What started the run: manual, schedule, request, notify or catch_up.';
comment on column peerfolio.runs.as_of_date is
    'Business date: the run scored the holdings as of the end of this day; null while it is queued for the day on which it starts.';
comment on column peerfolio.runs.started_at is 'When the run started, by the database''s clock; null if it never did.';
comment on column peerfolio.runs.requested_at is 'When the run was asked for, or found due, by the database''s clock.';
comment on column peerfolio.runs.request_reason is 'Why it was asked for, in the words of who did.';
comment on column peerfolio.runs.scheduled_for is 'The due moment of the schedule that the run stands for.';
comment on column peerfolio.runs.not_before is 'A queued run does not start earlier: the wait before another attempt.';
comment on column peerfolio.runs.attempt is '1 for the first attempt; a passing fault is followed by another.';
comment on column peerfolio.runs.retry_of is 'The first attempt, for those after it.';
comment on column peerfolio.runs.cancel_requested_at is 'When peerfolio.cancel_run was called for it.';
comment on column peerfolio.runs.cancel_requested_by is 'Login role that called it.';

grant update (
    term, as_of_date, config, config_hash, started_at, host, process_id, program_version, backend_pid,
    backend_started_at, not_before
) on peerfolio.runs to peerfolio_runner;

-- Which daemon acts for a channel. A row, not a session lock, which a pooler in transaction mode would lose.
create table peerfolio.schedulers (
    channel text primary key,
    holder text not null,
    term bigint not null default 1,
    host text not null,
    process_id integer not null,
    program_version text not null,
    acquired_at timestamptz not null default clock_timestamp(),
    renewed_at timestamptz not null default clock_timestamp(),
    lease interval not null,
    schedule text not null,
    scheduled_since timestamptz not null default clock_timestamp(),
    next_run_at timestamptz
) with (fillfactor = 50);
comment on table peerfolio.schedulers is 'The daemon that acts for each channel, and its schedule.';
comment on column peerfolio.schedulers.channel is 'Publication channel.';
comment on column peerfolio.schedulers.holder is 'Which process holds the lease: a random name that it gave itself.';
comment on column peerfolio.schedulers.term is 'Grows with every change of the holder.';
comment on column peerfolio.schedulers.host is 'Host name of the holder.';
comment on column peerfolio.schedulers.process_id is 'Process id on that host.';
comment on column peerfolio.schedulers.program_version is 'Version of peerfolio.';
comment on column peerfolio.schedulers.acquired_at is 'When the holder took over.';
comment on column peerfolio.schedulers.renewed_at is 'Last sign of life; -infinity when the holder has stepped down.';
comment on column peerfolio.schedulers.lease is 'Another daemon takes over after so long without a sign of life.';
comment on column peerfolio.schedulers.schedule is 'The schedule as configured: expressions and time zone; empty without one.';
comment on column peerfolio.schedulers.scheduled_since is 'Since when this schedule holds: earlier moments are not made up for.';
comment on column peerfolio.schedulers.next_run_at is 'The next due moment; null without a schedule.';
grant select, insert, update on peerfolio.schedulers to peerfolio_runner;
