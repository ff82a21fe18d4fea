-- One row per channel: whether all is well, for a health check or a dashboard.
create or replace view peerfolio_bi.run_health as
select
    p.channel,
    p.live_run_id,
    live.as_of_date as live_as_of_date,
    p.published_at,
    extract(epoch from clock_timestamp() - p.published_at)::bigint as published_seconds_ago,
    running.run_id as running_run_id,
    running.phase as running_phase,
    (select count(*) from peerfolio.runs q where q.channel = p.channel and q.status = 'queued') as queued_runs,
    failed.run_id as last_failed_run_id,
    failed.finished_at as last_failed_at,
    failed.reason_code as last_failure_code,
    failed.error as last_failure,
    (select count(*) from peerfolio.runs f
     where f.channel = p.channel and f.status = 'failed'
       and f.run_id > coalesce((select max(s.run_id) from peerfolio.runs s
                                where s.channel = p.channel and s.status = 'succeeded'), 0)) as failures_since_success,
    scheduler.host as scheduler_host,
    scheduler.process_id as scheduler_process_id,
    scheduler.renewed_at as scheduler_renewed_at,
    coalesce(scheduler.renewed_at >= clock_timestamp() - scheduler.lease, false) as is_scheduler_alive,
    nullif(scheduler.schedule, '') as schedule,
    scheduler.next_run_at
from peerfolio.publication p
left join peerfolio.runs live on live.run_id = p.live_run_id
left join peerfolio.runs running on running.channel = p.channel and running.status = 'running'
left join lateral (
    select f.run_id, f.finished_at, f.reason_code, f.error from peerfolio.runs f
    where f.channel = p.channel and f.status = 'failed' order by f.run_id desc limit 1
) failed on true
left join peerfolio.schedulers scheduler on scheduler.channel = p.channel;

comment on view peerfolio_bi.run_health is 'One row per channel: the live run, the last failure, and the daemon.';
comment on column peerfolio_bi.run_health.channel is 'Publication channel.';
comment on column peerfolio_bi.run_health.live_run_id is 'The published run; null before the first.';
comment on column peerfolio_bi.run_health.live_as_of_date is 'Its business date.';
comment on column peerfolio_bi.run_health.published_at is 'When it was published.';
comment on column peerfolio_bi.run_health.published_seconds_ago is 'How long ago that was.';
comment on column peerfolio_bi.run_health.running_run_id is 'The run that is going on, if any.';
comment on column peerfolio_bi.run_health.running_phase is 'What it is doing.';
comment on column peerfolio_bi.run_health.queued_runs is 'Runs that wait for their turn.';
comment on column peerfolio_bi.run_health.last_failed_run_id is 'The newest failed run.';
comment on column peerfolio_bi.run_health.last_failed_at is 'When it failed.';
comment on column peerfolio_bi.run_health.last_failure_code is 'Why, as a code.';
comment on column peerfolio_bi.run_health.last_failure is 'Why, in words.';
comment on column peerfolio_bi.run_health.failures_since_success is 'Failed runs since the newest one that succeeded.';
comment on column peerfolio_bi.run_health.scheduler_host is 'Machine of the daemon that acts, or acted last.';
comment on column peerfolio_bi.run_health.scheduler_process_id is 'Its process id.';
comment on column peerfolio_bi.run_health.scheduler_renewed_at is 'Its last sign of life.';
comment on column peerfolio_bi.run_health.is_scheduler_alive is 'Whether that is within its lease.';
comment on column peerfolio_bi.run_health.schedule is 'Its schedule; null without one.';
comment on column peerfolio_bi.run_health.next_run_at is 'The next due moment; null without a schedule.';
grant select on peerfolio_bi.run_health to peerfolio_reader, peerfolio_runner;
