-- Every client of the live run and what the run made of it.
create or replace view peerfolio_bi.clients as
select
    k.run_id,
    (select u.as_of_date
       from peerfolio.publication c join peerfolio.runs u on u.run_id = c.live_run_id
      where c.channel = 'live') as as_of_date,
    (select c.published_at from peerfolio.publication c where c.channel = 'live') as published_at,
    k.client_id,
    k.manager,
    case l.status when 'S' then 'scored' when 'F' then 'fallback' when 'N' then 'no_portfolio' else 'excluded' end as status,
    l.portfolio_size,
    l.peers::double precision as peers,
    l.kth_distance
from peerfolio.live_clients k
join peerfolio.run_lists l on l.slot = k.slot and l.run_id = k.run_id and l.list_number = k.list_number;

comment on view peerfolio_bi.clients is 'Every client of the published run and what the run made of it.';
comment on column peerfolio_bi.clients.manager is 'Who looks after the client, if clients.manager is mapped.';
comment on column peerfolio_bi.clients.status is
    'scored: suggestions from peers. fallback: popular products, since peers suggest nothing that may be offered. no_portfolio: popular products, since the client holds nothing. excluded: nothing may be offered.';
comment on column peerfolio_bi.clients.portfolio_size is 'Products the client holds.';
comment on column peerfolio_bi.clients.kth_distance is 'Rounded distance of the last of them; null without peers.';
grant select on peerfolio_bi.clients to peerfolio_reader, peerfolio_runner;
