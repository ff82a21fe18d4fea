-- What the planner must know to guess how many rows a view shows: how much of a partition is live, and how many clients
-- and products all slots have together. Autovacuum analyzes partitions, and never the table that they are part of.

-- Adds slots until there are as many as wanted, and never takes one away. The only DDL beside migrations themselves;
-- called by `peerfolio migrate up` alone.
create or replace function peerfolio.ensure_slots(wanted integer) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    parent text;
    partition_name text;
    slots integer;
    added integer := 0;
begin
    for new_slot in 0 .. wanted - 1 loop
        foreach parent in array array['recommendations', 'run_clients'] loop
            partition_name := format('%s_slot_%s', parent, new_slot);
            if to_regclass(format('peerfolio.%I', partition_name)) is null then
                -- vacuum_truncate takes an ACCESS EXCLUSIVE lock, which would stall reports, on standbys too.
                execute format(
                    'create table peerfolio.%I partition of peerfolio.%I for values in (%s)'
                    ' with (vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0.05)',
                    partition_name, parent, new_slot);
                execute format('comment on table peerfolio.%I is %L',
                    partition_name, format('Slot %s of peerfolio.%s.', new_slot, parent));
                added := added + 1;
            end if;
        end loop;
    end loop;
    -- Which slot is live is known only when a plan runs, so the planner would add up the rows of all partitions, and where
    -- two tables are joined be out by the square of that. It divides by n_distinct: with half the number of slots it is
    -- out by two at most once half of them are filled.
    select count(*) into slots from pg_inherits where inhparent = 'peerfolio.recommendations'::regclass;
    for partition_name in
        select c.relname
        from pg_inherits i
        join pg_class c on c.oid = i.inhrelid
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'slot'
        where i.inhparent in ('peerfolio.recommendations'::regclass, 'peerfolio.run_clients'::regclass)
          and a.attoptions is distinct from array['n_distinct=' || (slots + 1) / 2]
        order by c.oid
    loop
        execute format('alter table peerfolio.%I alter column slot set (n_distinct = %s)',
            partition_name, (slots + 1) / 2);
    end loop;
    return added;
end
$$;

-- Statistics over all slots together, for joins and groups. A call of its own, after analyze_slot: it takes longer, and
-- what that has collected must not be lost or locked meanwhile. Whoever holds one of the locks is analyzing already, or
-- makes room for the next run, so that nobody waits. Before PostgreSQL 18 it analyzes every partition as well; figures,
-- which nobody joins or groups by, are left out for that.
create function peerfolio.analyze_slots() returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    scope text := case when current_setting('server_version_num')::integer >= 180000 then 'only ' else '' end;
    parent regclass;
    columns text;
begin
    for parent, columns in
        select a.attrelid, string_agg(quote_ident(a.attname), ', ' order by a.attnum)
        from pg_attribute a
        where a.attrelid in ('peerfolio.recommendations'::regclass, 'peerfolio.run_clients'::regclass)
          and a.attnum > 0 and not a.attisdropped and a.atttypid not in ('double precision'::regtype, 'jsonb'::regtype)
        group by a.attrelid
        order by a.attrelid
    loop
        execute format('analyze (skip_locked) %s%s (%s)', scope, parent, columns);
    end loop;
    -- Kept by hand, and too small for autovacuum.
    analyze (skip_locked) peerfolio.managers;
end
$$;
revoke all on function peerfolio.analyze_slots() from public;
grant execute on function peerfolio.analyze_slots() to peerfolio_runner;
comment on function peerfolio.analyze_slots() is
    'Collects statistics over all slots together, which a run does after it has loaded one.';

-- For what has been installed and loaded so far.
select peerfolio.ensure_slots(0);
analyze (skip_locked) peerfolio.recommendations, peerfolio.run_clients;
