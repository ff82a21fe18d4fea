-- Suggestions as a sales manager reads them: one row per client and product within the top n.
create or replace view peerfolio_bi.top_suggestions as
select
    r.run_id, r.as_of_date, r.published_at,
    r.client_id, k.manager, r.rank, r.product_id, r.product_name, r.score, r.lift, r.reason_code, r.reason,
    r.propensity
from peerfolio_bi.recommendations r
join peerfolio_bi.clients k on k.client_id = r.client_id;

comment on view peerfolio_bi.top_suggestions is 'Suggestions of the published run with the client''s manager: one row per client and product.';
grant select on peerfolio_bi.top_suggestions to peerfolio_reader, peerfolio_runner;
