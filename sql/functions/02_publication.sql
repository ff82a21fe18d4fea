-- Publishing and rolling back by hand, from SQL or by `peerfolio publish` and `peerfolio rollback`.
-- A caller needs USAGE on the schema peerfolio, which shows none of its tables, and EXECUTE on the function.
-- SQLSTATE P0002: no such run. PF001: the run cannot be published. PF002: nothing to roll back to.

create or replace function peerfolio.roll_back(
    channel text default 'live', out live_run_id bigint, out previous_run_id bigint
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update peerfolio.publication p
    set live_run_id = p.previous_run_id, live_slot = p.previous_slot, previous_run_id = p.live_run_id,
        previous_slot = p.live_slot, published_at = clock_timestamp(), published_by = session_user
    where p.channel = roll_back.channel and p.previous_run_id is not null
    returning p.live_run_id, p.previous_run_id into roll_back.live_run_id, roll_back.previous_run_id;
    if not found then
        raise exception 'channel % has no earlier publication to roll back to', roll_back.channel
            using errcode = 'PF002';
    end if;
end
$$;
revoke all on function peerfolio.roll_back(text) from public;
grant execute on function peerfolio.roll_back(text) to peerfolio_runner, peerfolio_operator;
comment on function peerfolio.roll_back(text) is
    'Makes the run that was published before the live one of its channel again; returns both. A second call undoes the first.';

create or replace function peerfolio.publish_run(run_id bigint, channel text default 'live') returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    found_run peerfolio.runs%rowtype;
begin
    -- The publication row comes first in every transaction.
    update peerfolio.publication p
    set previous_run_id = p.live_run_id, previous_slot = p.live_slot, live_run_id = r.run_id, live_slot = r.slot,
        published_at = clock_timestamp(), published_by = session_user
    from peerfolio.runs r
    where p.channel = publish_run.channel and r.channel = publish_run.channel and r.run_id = publish_run.run_id
      and r.status = 'succeeded' and r.slot is not null and p.live_run_id is distinct from r.run_id;
    if found then
        update peerfolio.runs r
        set published_at = coalesce(r.published_at, clock_timestamp()), reason_code = null
        where r.run_id = publish_run.run_id;
        return;
    end if;
    select r.* into found_run from peerfolio.runs r where r.run_id = publish_run.run_id;
    if not found then
        raise exception 'there is no run %', publish_run.run_id
            using errcode = 'P0002', hint = 'peerfolio_bi.run_history lists the runs';
    elsif found_run.status <> 'succeeded' then
        raise exception 'run % is %; only a succeeded run can be published', publish_run.run_id, found_run.status
            using errcode = 'PF001';
    elsif found_run.channel is distinct from publish_run.channel then
        raise exception 'run % belongs to channel %, not %', publish_run.run_id, found_run.channel,
            publish_run.channel using errcode = 'PF001';
    elsif found_run.slot is null then
        raise exception 'the rows of run % have been swept; retention.slots keeps more of them', publish_run.run_id
            using errcode = 'PF001';
    end if;
    raise exception 'run % is published already', publish_run.run_id using errcode = 'PF001';
end
$$;
revoke all on function peerfolio.publish_run(bigint, text) from public;
grant execute on function peerfolio.publish_run(bigint, text) to peerfolio_runner, peerfolio_operator;
comment on function peerfolio.publish_run(bigint, text) is
    'Publishes an earlier run of a channel, whose rows must still be in their slot.';

-- LOCK TABLE wants a right to change all columns, which nobody but the owner has; hence a function that does just this.
create or replace function peerfolio.lock_publication() returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    lock table peerfolio.publication in share row exclusive mode;
end
$$;
revoke all on function peerfolio.lock_publication() from public;
grant execute on function peerfolio.lock_publication() to peerfolio_runner;
comment on function peerfolio.lock_publication() is
    'Keeps others from publishing and from starting runs until the end of the transaction; readers never wait for it.';
