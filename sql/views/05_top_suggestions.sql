-- Suggestions as a sales manager reads them: one row per client and product within the top n.
create or replace view peerfolio_bi.top_suggestions as
select
    r.run_id,
    (select u.as_of_date
       from peerfolio.publication c join peerfolio.runs u on u.run_id = c.live_run_id
      where c.channel = 'live') as as_of_date,
    (select c.published_at from peerfolio.publication c where c.channel = 'live') as published_at,
    k.client_id, k.manager, r.rank, r.product_id, r.product_name, r.score, r.lift, r.reason_code, r.reason,
    r.propensity
from peerfolio.live_clients k
join peerfolio.live_lists r on r.slot = k.slot and r.run_id = k.run_id and r.list_number = k.list_number;

comment on view peerfolio_bi.top_suggestions is 'Suggestions of the published run with the client''s manager: one row per client and product.';
grant select on peerfolio_bi.top_suggestions to peerfolio_reader, peerfolio_runner;
