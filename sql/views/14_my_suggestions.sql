-- The suggestions to the clients of whoever asks, as in my_clients.
create or replace view peerfolio_bi.my_suggestions with (security_barrier) as
select
    o.run_id, o.as_of_date, o.published_at, o.client_id, o.manager, o.rank, o.product_id, o.product_name, o.score,
    o.lift, o.reason_code, o.reason, o.propensity
from peerfolio_bi.top_suggestions o
where exists (
    select from peerfolio.managers m where m.role_name = current_user and m.manager = o.manager);

comment on view peerfolio_bi.my_suggestions is
    'Suggestions of the published run to the caller''s own clients, by peerfolio.managers: one row per client and product.';
grant select on peerfolio_bi.my_suggestions to peerfolio_manager;
