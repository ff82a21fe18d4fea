-- The clients of the live run. The views of peerfolio_bi build on it and on live_lists, which are for them alone.
-- Slot and run come from sub-selects on the pointer, so that a plan prunes the other slots when it runs and stays valid
-- across publications; the run id keeps rows of a run that lost its fence invisible.
create or replace view peerfolio.live_clients as
select k.slot, k.run_id, k.client_id, k.list_number, k.manager
from peerfolio.run_clients k
where k.slot = (select c.live_slot from peerfolio.publication c where c.channel = 'live')
  and k.run_id = (select c.live_run_id from peerfolio.publication c where c.channel = 'live');

comment on view peerfolio.live_clients is 'Clients of the live run, each with its list.';
