-- Results of runs, in a ring of permanent slot partitions, so that no DDL is needed while the service runs.
-- {{client_id_type}} and {{product_id_type}} are the warehouse's own types: bigint, text or uuid.

create table peerfolio.recommendations (
    slot smallint not null,
    run_id bigint not null,
    client_id {{client_id_type}} not null,
    rank smallint not null check (rank >= 1),
    product_id {{product_id_type}} not null,
    -- NaN sorts above every number, so the upper bound refuses it too.
    score double precision not null check (score >= 0 and score <= 1),
    peers double precision not null check (peers >= 0),
    peers_holding double precision not null check (peers_holding >= 0),
    reason_code text not null check (reason_code in ('PEERS', 'POPULAR')),
    primary key (slot, run_id, client_id, rank)
) partition by list (slot);
comment on table peerfolio.recommendations is
    'Recommendations of the runs whose slots still hold them. Reports read peerfolio_bi.recommendations: the live run.';
comment on column peerfolio.recommendations.slot is 'Slot of the run: the partition.';
comment on column peerfolio.recommendations.run_id is 'Run that wrote the row.';
comment on column peerfolio.recommendations.client_id is 'The warehouse''s client id, in its own type.';
comment on column peerfolio.recommendations.rank is '1 is the best suggestion for the client.';
comment on column peerfolio.recommendations.product_id is 'The warehouse''s product id, in its own type.';
comment on column peerfolio.recommendations.score is 'Weighted share of the client''s peers who hold the product, 0...1; the base rate for POPULAR.';
comment on column peerfolio.recommendations.peers is 'Peers counted, ties at the last place by fractions; 0 for POPULAR.';
comment on column peerfolio.recommendations.peers_holding is 'Those of them who hold the product.';
comment on column peerfolio.recommendations.reason_code is 'PEERS: from similar portfolios. POPULAR: fallback, the most popular products.';

create table peerfolio.run_clients (
    slot smallint not null,
    run_id bigint not null,
    client_id {{client_id_type}} not null,
    status text not null check (status in ('scored', 'fallback', 'no_portfolio', 'excluded')),
    portfolio_size integer not null check (portfolio_size >= 0),
    peers double precision not null check (peers >= 0),
    kth_distance double precision,
    manager text,
    primary key (slot, run_id, client_id)
) partition by list (slot);
comment on table peerfolio.run_clients is 'Every client of the runs whose slots still hold them.';
comment on column peerfolio.run_clients.slot is 'Slot of the run: the partition.';
comment on column peerfolio.run_clients.run_id is 'Run that wrote the row.';
comment on column peerfolio.run_clients.client_id is 'The warehouse''s client id, in its own type.';
comment on column peerfolio.run_clients.status is
    'scored: from peers. fallback: no peers, or policy removed every candidate. no_portfolio: holds nothing. excluded: nothing may be offered.';
comment on column peerfolio.run_clients.portfolio_size is 'Products the client holds.';
comment on column peerfolio.run_clients.peers is 'Peers counted, ties at the last place by fractions.';
comment on column peerfolio.run_clients.kth_distance is 'Rounded distance of the last peer counted; null without peers.';
comment on column peerfolio.run_clients.manager is 'Who looks after the client, if clients.manager is mapped.';

create table peerfolio.run_products (
    run_id bigint not null references peerfolio.runs on delete cascade,
    product_id {{product_id_type}} not null,
    name text,
    holders bigint not null check (holders >= 0),
    base_rate double precision not null check (base_rate >= 0 and base_rate <= 1),
    is_available boolean not null,
    primary key (run_id, product_id)
);
comment on table peerfolio.run_products is 'Every product of each run.';
comment on column peerfolio.run_products.run_id is 'Run that wrote the row.';
comment on column peerfolio.run_products.product_id is 'The warehouse''s product id, in its own type.';
comment on column peerfolio.run_products.name is 'Name from the products relation; null if none is mapped or the product is not in it.';
comment on column peerfolio.run_products.holders is 'Clients who hold it.';
comment on column peerfolio.run_products.base_rate is 'holders / clients with a portfolio.';
comment on column peerfolio.run_products.is_available is 'Whether it may be offered.';

-- Adds slots until there are as many as wanted, and never takes one away. The only DDL beside migrations themselves;
-- called by `peerfolio migrate up` alone.
create function peerfolio.ensure_slots(wanted integer) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    parent text;
    partition_name text;
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
    return added;
end
$$;
revoke all on function peerfolio.ensure_slots(integer) from public;
comment on function peerfolio.ensure_slots(integer) is
    'Adds slot partitions until there are as many as wanted; returns how many partitions were added.';

-- Statistics on what a run has just loaded, so that the first reports get good plans and need not wait for autovacuum.
-- ANALYZE is the owner's right and takes no lock that a report would meet; hence a function that does just this.
create function peerfolio.analyze_slot(loaded_slot smallint) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('analyze peerfolio.%I', 'recommendations_slot_' || loaded_slot);
    execute format('analyze peerfolio.%I', 'run_clients_slot_' || loaded_slot);
    analyze peerfolio.run_products;
end
$$;
revoke all on function peerfolio.analyze_slot(smallint) from public;
grant execute on function peerfolio.analyze_slot(smallint) to peerfolio_runner;
comment on function peerfolio.analyze_slot(smallint) is
    'Collects statistics on the rows that a run has just loaded into a slot.';

grant select, insert, delete on peerfolio.recommendations, peerfolio.run_clients, peerfolio.run_products
    to peerfolio_runner;
