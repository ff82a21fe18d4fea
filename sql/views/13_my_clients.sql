-- The clients of whoever asks, for members of peerfolio_manager: nobody's until peerfolio.managers says so.
-- current_user is the role that the caller has become by SET ROLE, which takes a membership; session_user would hand the
-- caller's clients to the owner of any SECURITY DEFINER function that the caller is talked into calling.
-- security_barrier: no function or operator of the caller's sees a row before the condition has let it through.
create or replace view peerfolio_bi.my_clients with (security_barrier) as
select
    o.run_id, o.as_of_date, o.published_at, o.client_id, o.manager, o.status, o.portfolio_size, o.peers,
    o.kth_distance
from peerfolio_bi.clients o
where exists (
    select from peerfolio.managers m where m.role_name = current_user and m.manager = o.manager);

comment on view peerfolio_bi.my_clients is
    'The caller''s own clients of the published run, by peerfolio.managers: one row per client.';
grant select on peerfolio_bi.my_clients to peerfolio_manager;
