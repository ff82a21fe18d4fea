-- How others start and stop runs from SQL: an ETL job, pg_cron, a button in a report.
-- A caller needs USAGE on the schema peerfolio, which shows none of its tables, and EXECUTE on the function.

create or replace function peerfolio.request_run(
    reason text default null, as_of date default null, channel text default 'live', force boolean default false
) returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    requested_run_id bigint;
begin
    if channel is null or channel !~ '^[a-z0-9_]{1,63}$' then
        raise exception 'a channel is a name of 1 to 63 characters from a-z, 0-9 and _' using errcode = '22023';
    end if;
    if length(reason) > 1000 then
        raise exception 'the reason is longer than 1,000 characters' using errcode = '22001';
    end if;
    if not isfinite(as_of) then
        raise exception 'as_of must be a day' using errcode = '22023';
    end if;
    insert into peerfolio.runs (
        channel, status, phase, trigger, requested_by, request_reason, as_of_date, is_forced, started_at)
    values (
        channel, 'queued', 'start', 'request', session_user, reason, as_of, coalesce(force, false), null)
    returning run_id into requested_run_id;
    perform pg_notify('peerfolio', channel);
    return requested_run_id;
end
$$;
revoke all on function peerfolio.request_run(text, date, text, boolean) from public;
grant execute on function peerfolio.request_run(text, date, text, boolean) to peerfolio_runner, peerfolio_operator;
comment on function peerfolio.request_run(text, date, text, boolean) is
    'Queues a run for the daemon and returns its run_id; peerfolio_bi.run_history tells what becomes of it.';

create or replace function peerfolio.cancel_run(run_id bigint) returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    found_run peerfolio.runs%rowtype;
begin
    select r.* into found_run from peerfolio.runs r where r.run_id = cancel_run.run_id for update;
    if not found then
        raise exception 'there is no run %', cancel_run.run_id
            using errcode = 'P0002', hint = 'peerfolio_bi.run_history lists the runs';
    end if;
    if found_run.status = 'queued' then
        update peerfolio.runs r
        set status = 'cancelled', reason_code = 'CANCELLED', finished_at = clock_timestamp(),
            error = 'cancelled before it started',
            cancel_requested_at = clock_timestamp(), cancel_requested_by = session_user
        where r.run_id = cancel_run.run_id;
        return 'cancelled';
    elsif found_run.status = 'running' then
        update peerfolio.runs r
        set cancel_requested_at = coalesce(r.cancel_requested_at, clock_timestamp()),
            cancel_requested_by = coalesce(r.cancel_requested_by, session_user)
        where r.run_id = cancel_run.run_id;
        perform pg_notify('peerfolio', found_run.channel);
        return 'requested';
    end if;
    return found_run.status;
end
$$;
revoke all on function peerfolio.cancel_run(bigint) from public;
grant execute on function peerfolio.cancel_run(bigint) to peerfolio_runner, peerfolio_operator;
comment on function peerfolio.cancel_run(bigint) is
    'Cancels a queued run, or asks a running one to stop within seconds. Returns cancelled, requested, or what had become of the run.';
