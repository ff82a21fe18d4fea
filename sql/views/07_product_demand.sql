-- What the live run suggests, seen from the products.
create or replace view peerfolio_bi.product_demand as
select
    p.run_id,
    (select u.as_of_date
       from peerfolio.publication c join peerfolio.runs u on u.run_id = c.live_run_id
      where c.channel = 'live') as as_of_date,
    (select c.published_at from peerfolio.publication c where c.channel = 'live') as published_at,
    p.product_id,
    p.name as product_name,
    p.is_available,
    p.holders,
    p.base_rate,
    coalesce(d.suggested_clients, 0) as suggested_clients,
    coalesce(d.first_choice_clients, 0) as first_choice_clients,
    coalesce(d.popular_clients, 0) as popular_clients,
    d.average_score,
    p.scored_from
from peerfolio.run_products p
left join (
    select
        r.product_id,
        sum(r.clients) as suggested_clients,
        sum(r.clients) filter (where r.rank = 1) as first_choice_clients,
        sum(r.clients) filter (where r.reason_code = 'POPULAR') as popular_clients,
        sum(r.score * r.clients) / sum(r.clients) as average_score
    from peerfolio.live_lists r
    group by r.product_id
) d on d.product_id = p.product_id
where p.run_id = (select c.live_run_id from peerfolio.publication c where c.channel = 'live');

comment on view peerfolio_bi.product_demand is 'Every product of the published run: who holds it and to how many clients it is suggested.';
comment on column peerfolio_bi.product_demand.is_available is 'Whether it may be offered.';
comment on column peerfolio_bi.product_demand.holders is 'Clients who hold it.';
comment on column peerfolio_bi.product_demand.suggested_clients is 'Clients it is suggested to.';
comment on column peerfolio_bi.product_demand.first_choice_clients is 'Clients whose best suggestion it is.';
comment on column peerfolio_bi.product_demand.popular_clients is 'Clients it is suggested to only because it is popular.';
comment on column peerfolio_bi.product_demand.average_score is 'Mean score where it is suggested; null where it is not.';
comment on column peerfolio_bi.product_demand.scored_from is 'components: also scored from what it is made of. attributes: nobody holds it, scored from the held products most like it. null: from those who hold it alone.';
grant select on peerfolio_bi.product_demand to peerfolio_reader, peerfolio_runner;
