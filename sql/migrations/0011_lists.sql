-- A list for all clients whom the same is offered, instead of rows for every client: most lists are shared, and writing
-- them was most of a run. The live and the previous run of each channel are converted, so that reports and rollbacks go on
-- through the upgrade; other runs give up their slots.
--
-- The new tables are made under other names, since the views read the old ones until they are replaced. Only the exchange
-- of the names, which comes last, takes a lock that a report would meet. sql/retired.sql drops the old tables when the views
-- have been replaced.

create table peerfolio.new_run_lists (
    slot smallint not null,
    list_number integer not null check (list_number >= 0),
    run_id bigint not null,
    kth_distance double precision,
    group_number integer not null check (group_number >= 0),
    clients integer not null check (clients >= 1),
    portfolio_size integer not null check (portfolio_size >= 0),
    peers integer not null check (peers >= 0),
    status "char" not null check (status in ('S', 'F', 'N', 'X')),
    primary key (slot, run_id, list_number)
) partition by list (slot);
comment on table peerfolio.new_run_lists is
    'Every list of the runs whose slots still hold them: what clients with the same portfolio get of whom policy knows the same.';
comment on column peerfolio.new_run_lists.slot is 'Slot of the run: the partition.';
comment on column peerfolio.new_run_lists.list_number is 'Number of the list in its run, from 0.';
comment on column peerfolio.new_run_lists.run_id is 'Run that wrote the row.';
comment on column peerfolio.new_run_lists.kth_distance is 'Rounded distance of the last peer counted; null without peers.';
comment on column peerfolio.new_run_lists.group_number is 'Lists of one group have the same candidates and scores, before policy has its say.';
comment on column peerfolio.new_run_lists.clients is 'Clients who get the list.';
comment on column peerfolio.new_run_lists.portfolio_size is 'Products that each of them holds.';
comment on column peerfolio.new_run_lists.peers is 'Peers counted, ties at the last place by fractions.';
comment on column peerfolio.new_run_lists.status is
    'S scored: from peers. F fallback: no peers, or policy removed every candidate. N no_portfolio: holds nothing. X excluded: nothing may be offered.';

create table peerfolio.new_recommendations (
    slot smallint not null,
    rank smallint not null check (rank >= 1),
    list_number integer not null,
    run_id bigint not null,
    -- NaN sorts above every number, so the upper bound refuses it too.
    score double precision not null check (score >= 0 and score <= 1),
    peers_holding double precision not null check (peers_holding >= 0),
    propensity double precision check (propensity >= 0 and propensity <= 1),
    product_id {{product_id_type}} not null,
    reason "char" not null check (reason in ('P', 'H', 'C', 'F')),
    signal_scores real[],
    primary key (slot, run_id, list_number, rank)
) partition by list (slot);
comment on table peerfolio.new_recommendations is
    'What the lists of run_lists offer. Reports read peerfolio_bi.recommendations: the live run, client by client.';
comment on column peerfolio.new_recommendations.slot is 'Slot of the run: the partition.';
comment on column peerfolio.new_recommendations.rank is '1 is the best suggestion of the list.';
comment on column peerfolio.new_recommendations.list_number is 'List that offers it.';
comment on column peerfolio.new_recommendations.run_id is 'Run that wrote the row.';
comment on column peerfolio.new_recommendations.score is
    'Weighted share of the peers who hold the product, or what it is made of; 0...1; the base rate for POPULAR.';
comment on column peerfolio.new_recommendations.peers_holding is 'Peers who hold the product, ties at the last place by fractions; 0 for POPULAR.';
comment on column peerfolio.new_recommendations.propensity is
    'How often such a score came true on history, 0...1; null until peerfolio evaluate has earned it.';
comment on column peerfolio.new_recommendations.product_id is 'The warehouse''s product id, in its own type.';
comment on column peerfolio.new_recommendations.reason is
    'P PEERS: from similar portfolios. H HYBRID: other signals of a hybrid model speak for it, and no peer holds it. C COMPONENTS: peers hold what it is made of, or is most like. F POPULAR: fallback, the most popular products.';
comment on column peerfolio.new_recommendations.signal_scores is
    'The parts of a hybrid score: peers, item_conditional, ease, popularity, recent_popularity, segment_popularity, recent_peers, recent_item_conditional, recent_ease; null without a hybrid model.';

create table peerfolio.new_run_clients (
    slot smallint not null,
    list_number integer not null,
    run_id bigint not null,
    client_id {{client_id_type}} not null,
    manager text,
    primary key (slot, run_id, client_id)
) partition by list (slot);
comment on table peerfolio.new_run_clients is 'Every client of the runs whose slots still hold them.';
comment on column peerfolio.new_run_clients.slot is 'Slot of the run: the partition.';
comment on column peerfolio.new_run_clients.list_number is 'List that the client gets.';
comment on column peerfolio.new_run_clients.run_id is 'Run that wrote the row.';
comment on column peerfolio.new_run_clients.client_id is 'The warehouse''s client id, in its own type.';
comment on column peerfolio.new_run_clients.manager is 'Who looks after the client, if clients.manager is mapped.';

-- Every list of a run is there once, so none is more common than others. A list of the most common ones, which there would be
-- by chance, made the planner expect a tenth of the clients of a manager.
alter table peerfolio.new_run_lists alter column list_number set statistics 1;
alter table peerfolio.new_recommendations alter column list_number set statistics 1;
alter table peerfolio.new_run_clients alter column list_number set statistics 1;

grant select, insert, delete
    on peerfolio.new_run_lists, peerfolio.new_recommendations, peerfolio.new_run_clients to peerfolio_runner;

-- As before, and without tables that are out of use: see sql/retired.sql.
create or replace function peerfolio.slot_tables() returns setof regclass
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
select c.oid::regclass
from pg_partitioned_table p
join pg_class c on c.oid = p.partrelid
join pg_attribute a on a.attrelid = c.oid and a.attnum = p.partattrs[0]
where c.relnamespace = 'peerfolio'::regnamespace and p.partstrat = 'l' and p.partnatts = 1 and a.attname = 'slot'
  and c.relname !~ '^retired_'
order by c.relname
$$;

-- From here on nothing is published or started until the upgrade is done. What is going on would end in the old tables.
lock table peerfolio.publication in share row exclusive mode;
update peerfolio.runs
set status = 'failed', reason_code = 'FENCE_LOST', finished_at = clock_timestamp(),
    error = 'the schema was upgraded while the run was going on; start it again'
where status = 'running';
update peerfolio.runs r
set slot = null
where r.slot is not null and not exists (
    select from peerfolio.publication p where r.run_id in (p.live_run_id, p.previous_run_id));

select peerfolio.ensure_slots(
    (select count(*)::integer from pg_inherits where inhparent = 'peerfolio.recommendations'::regclass));

-- Run by run, with its slot and number as constants: with those of all runs joined, the planner is out by so much that it
-- compares every client with every row.
do $$
declare
    kept record;
begin
    for kept in select r.run_id, r.slot from peerfolio.runs r where r.slot is not null order by r.run_id loop
        -- Clients are of one list if all that the old tables know of them is the same.
        execute format($sql$
            create table peerfolio.converted as
            select
                k.client_id, k.manager, k.status, k.portfolio_size, k.peers, k.kth_distance,
                (dense_rank() over (
                    order by k.status, k.portfolio_size, k.peers, k.kth_distance, offers.digest))::integer - 1 as list_number
            from peerfolio.run_clients k
            left join (
                select r.client_id,
                       md5(string_agg(
                           format('%%s %%L %%s %%s %%s %%s %%s', r.rank, r.product_id, float8send(r.score),
                               float8send(r.peers_holding), r.reason_code, float8send(r.propensity), r.signal_scores),
                           e'\n' order by r.rank)) as digest
                from peerfolio.recommendations r
                where r.slot = %1$s and r.run_id = %2$s
                group by r.client_id
            ) offers on offers.client_id = k.client_id
            where k.slot = %1$s and k.run_id = %2$s
            $sql$, kept.slot, kept.run_id);

        insert into peerfolio.new_run_lists (
            slot, list_number, run_id, kth_distance, group_number, clients, portfolio_size, peers, status)
        select kept.slot, c.list_number, kept.run_id, min(c.kth_distance), c.list_number, count(*), min(c.portfolio_size),
               min(c.peers),
               (case min(c.status)
                   when 'scored' then 'S' when 'fallback' then 'F' when 'no_portfolio' then 'N' else 'X' end)::"char"
        from peerfolio.converted c
        group by c.list_number
        order by c.list_number;

        execute format($sql$
            insert into peerfolio.new_recommendations (
                slot, rank, list_number, run_id, score, peers_holding, propensity, product_id, reason, signal_scores)
            select r.slot, r.rank, c.list_number, r.run_id, r.score, r.peers_holding, r.propensity, r.product_id,
                   (case r.reason_code
                       when 'PEERS' then 'P' when 'HYBRID' then 'H' when 'COMPONENTS' then 'C' else 'F' end)::"char",
                   case when r.signal_scores is not null then array[
                       (r.signal_scores->>'peers')::real, (r.signal_scores->>'item_conditional')::real,
                       (r.signal_scores->>'ease')::real, (r.signal_scores->>'popularity')::real,
                       (r.signal_scores->>'recent_popularity')::real, (r.signal_scores->>'segment_popularity')::real,
                       (r.signal_scores->>'recent_peers')::real, (r.signal_scores->>'recent_item_conditional')::real,
                       (r.signal_scores->>'recent_ease')::real] end
            from (
                select distinct on (c.list_number) c.list_number, c.client_id
                from peerfolio.converted c
                order by c.list_number
            ) c
            join peerfolio.recommendations r on r.slot = %1$s and r.run_id = %2$s and r.client_id = c.client_id
            order by c.list_number, r.rank
            $sql$, kept.slot, kept.run_id);

        insert into peerfolio.new_run_clients (slot, list_number, run_id, client_id, manager)
        select kept.slot, c.list_number, kept.run_id, c.client_id, c.manager
        from peerfolio.converted c
        order by c.client_id;

        drop table peerfolio.converted;

        -- In the server's own hash functions, which partitions by hash rely on and which are therefore the same in every
        -- version. Runs compute the same sums; an id counts by its text in UTF-8.
        update peerfolio.runs u
        set lists = (
                select count(*) from peerfolio.new_run_lists l where l.slot = kept.slot and l.run_id = kept.run_id),
            contents_checksum = coalesce((
                select sum(hashfloat8extended(coalesce(l.kth_distance, -1),
                    hashcharextended(l.status,
                        hashint8extended((l.portfolio_size::bigint << 32) | l.peers,
                            hashint8extended((l.list_number::bigint << 32) | l.clients, l.group_number)))))
                from peerfolio.new_run_lists l where l.slot = kept.slot and l.run_id = kept.run_id), 0)
              + coalesce((
                select sum(hashcharextended(r.reason,
                    hashfloat8extended(r.peers_holding,
                        hash_array_extended(array[convert_to(r.product_id::text, 'UTF8')],
                            (r.list_number::bigint << 16) | r.rank))))
                from peerfolio.new_recommendations r where r.slot = kept.slot and r.run_id = kept.run_id), 0)
              + coalesce((
                select sum(hash_array_extended(array[convert_to(k.client_id::text, 'UTF8')], k.list_number))
                from peerfolio.new_run_clients k where k.slot = kept.slot and k.run_id = kept.run_id), 0)
        where u.run_id = kept.run_id;
    end loop;
end
$$;

analyze peerfolio.new_run_lists, peerfolio.new_recommendations, peerfolio.new_run_clients;

-- The exchange. It waits for reports that are going on, a moment at a time, so that those that come do not queue up behind
-- it, and what has been converted is not lost to a long one.
do $$
declare
    name text;
    renamed record;
    old_name text;
begin
    for attempt in 1 .. 600 loop
        begin
            set local lock_timeout = '200ms';
            lock table peerfolio.recommendations, peerfolio.run_clients in access exclusive mode;
            exit;
        exception when lock_not_available then
            if attempt = 600 then raise; end if;
            perform pg_sleep(0.3);
        end;
    end loop;
    set local lock_timeout = '5s';
    for renamed in
        select c.relname, c.relispartition
        from pg_class c
        where c.relnamespace = 'peerfolio'::regnamespace and c.relkind in ('r', 'p')
          and c.relname ~ '^(new_(run_lists|recommendations|run_clients)|recommendations|run_clients)(_slot_\d+)?$'
        -- The old ones first, which have the names.
        order by c.relname ~ '^new_', c.relname
    loop
        name := case when renamed.relname ~ '^new_' then substr(renamed.relname, 5) else 'retired_' || renamed.relname end;
        execute format('alter table peerfolio.%I rename to %I', renamed.relname, name);
        for old_name in
            select k.conname from pg_constraint k
            where k.conrelid = format('peerfolio.%I', name)::regclass
              and (k.contype = 'p' or k.contype = 'c' and not renamed.relispartition)
        loop
            execute format('alter table peerfolio.%I rename constraint %I to %I',
                name, old_name, replace(old_name, renamed.relname, name));
        end loop;
        if renamed.relispartition then
            execute format('comment on table peerfolio.%I is %L', name,
                regexp_replace(name, '^(.*)_slot_(\d+)$', 'Slot \2 of peerfolio.\1.'));
        end if;
    end loop;
end
$$;

-- As before, and without figures: nobody joins or groups by them, and they were half of the time.
create or replace function peerfolio.analyze_slot(loaded_slot smallint) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    loaded text;
    columns text;
begin
    for loaded, columns in
        select c.relname || '_slot_' || loaded_slot, string_agg(quote_ident(a.attname), ', ' order by a.attnum)
        from peerfolio.slot_tables() t
        join pg_class c on c.oid = t
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            and a.atttypid not in ('double precision'::regtype, 'real[]'::regtype)
        group by c.relname
    loop
        execute format('analyze peerfolio.%I (%s)', loaded, columns);
    end loop;
    for loaded in
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

-- As before, and without the parts of scores.
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
          and a.attnum > 0 and not a.attisdropped and a.atttypid not in ('double precision'::regtype, 'real[]'::regtype)
        group by a.attrelid
        order by a.attrelid
    loop
        execute format('analyze (skip_locked) %s%s (%s)', scope, parent, columns);
    end loop;
    -- Kept by hand, and too small for autovacuum.
    analyze (skip_locked) peerfolio.managers;
end
$$;
