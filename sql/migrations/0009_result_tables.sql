-- Which tables a run loads is asked of the catalog, so that a new one needs nothing but its own migration: the rows of a run
-- lie in a slot where a table is partitioned by slot, and elsewhere under the run's number, the first column of the key.

create function peerfolio.slot_tables() returns setof regclass
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
select c.oid::regclass
from pg_partitioned_table p
join pg_class c on c.oid = p.partrelid
join pg_attribute a on a.attrelid = c.oid and a.attnum = p.partattrs[0]
where c.relnamespace = 'peerfolio'::regnamespace and p.partstrat = 'l' and p.partnatts = 1 and a.attname = 'slot'
order by c.relname
$$;
revoke all on function peerfolio.slot_tables() from public;
comment on function peerfolio.slot_tables() is 'The tables that are partitioned by slot.';

-- Adds slots until there are as many as wanted, and never takes one away. The only DDL beside migrations themselves;
-- called by `peerfolio migrate up` alone.
create or replace function peerfolio.ensure_slots(wanted integer) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    parent text;
    partition_name text;
    distinct_slots bigint;
    added integer := 0;
begin
    for new_slot in 0 .. wanted - 1 loop
        for parent in select c.relname from peerfolio.slot_tables() t join pg_class c on c.oid = t loop
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
    for partition_name, distinct_slots in
        select s.relname, s.distinct_slots
        from (select c.oid, c.relname, a.attoptions, (count(*) over (partition by i.inhparent) + 1) / 2 as distinct_slots
              from pg_inherits i
              join pg_class c on c.oid = i.inhrelid
              join pg_attribute a on a.attrelid = c.oid and a.attname = 'slot'
              where i.inhparent in (select peerfolio.slot_tables())) s
        where s.attoptions is distinct from array['n_distinct=' || s.distinct_slots]
        order by s.oid
    loop
        execute format('alter table peerfolio.%I alter column slot set (n_distinct = %s)',
            partition_name, distinct_slots);
    end loop;
    return added;
end
$$;

-- Statistics on what a run has just loaded, so that the first reports get good plans and need not wait for autovacuum.
-- ANALYZE is the owner's right and takes no lock that a report would meet; hence a function that does just this.
create or replace function peerfolio.analyze_slot(loaded_slot smallint) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    loaded text;
begin
    for loaded in
        select c.relname || '_slot_' || loaded_slot
        from peerfolio.slot_tables() t join pg_class c on c.oid = t
        union all
        select c.relname
        from pg_constraint f
        join pg_constraint k on k.conrelid = f.conrelid and k.contype = 'p' and k.conkey[1] = f.conkey[1]
        join pg_class c on c.oid = f.conrelid
        where f.contype = 'f' and f.confrelid = 'peerfolio.runs'::regclass
    loop
        execute format('analyze peerfolio.%I', loaded);
    end loop;
end
$$;

-- Statistics over all slots together, for joins and groups. A call of its own, after analyze_slot: it takes longer, and
-- what that has collected must not be lost or locked meanwhile. Whoever holds one of the locks is analyzing already, or
-- makes room for the next run, so that nobody waits. Before PostgreSQL 18 it analyzes every partition as well; figures,
-- which nobody joins or groups by, are left out for that.
create or replace function peerfolio.analyze_slots() returns void
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
        where a.attrelid in (select peerfolio.slot_tables())
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
