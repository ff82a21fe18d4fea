/// Results as reports see them, client by client, for tests that write or read them by hand.
public enum FlatRows {
    /// Creates `flat.run_clients` and `flat.recommendations`: rows of all runs in all slots.
    ///
    /// A client that is inserted gets a list of its own, and what is inserted for a client goes into its list; for a client
    /// that is not there, into the list with the number 0.
    public static let script = """
        create schema flat;
        grant usage on schema flat to public;
        create view flat.run_clients as
        select k.slot, k.run_id, k.client_id,
               case l.status when 'S' then 'scored' when 'F' then 'fallback' when 'N' then 'no_portfolio' else 'excluded' end
                   as status,
               l.portfolio_size, l.peers::float8 as peers, l.kth_distance, k.manager
        from peerfolio.run_clients k join peerfolio.run_lists l using (slot, run_id, list_number);
        create view flat.recommendations as
        select k.slot, k.run_id, k.client_id, r.rank, r.product_id, r.score,
               case when r.reason = 'F' then 0 else l.peers end::float8 as peers, r.peers_holding,
               case r.reason when 'P' then 'PEERS' when 'H' then 'HYBRID' when 'C' then 'COMPONENTS' else 'POPULAR' end
                   as reason_code,
               r.propensity, to_jsonb(r.signal_scores) as signal_scores
        from peerfolio.run_clients k
        join peerfolio.run_lists l using (slot, run_id, list_number)
        join peerfolio.recommendations r using (slot, run_id, list_number);
        grant select, insert on flat.run_clients, flat.recommendations to public;

        create function flat.add_client() returns trigger language plpgsql as $$
        declare
            list integer := (select coalesce(max(l.list_number) + 1, 0) from peerfolio.run_lists l
                             where l.slot = new.slot and l.run_id = new.run_id);
        begin
            insert into peerfolio.run_lists values (
                new.slot, list, new.run_id, new.kth_distance, list, 1, new.portfolio_size, new.peers,
                case new.status when 'scored' then 'S' when 'fallback' then 'F' when 'no_portfolio' then 'N' else 'X' end);
            insert into peerfolio.run_clients values (new.slot, list, new.run_id, new.client_id, new.manager);
            return new;
        end $$;
        create trigger add instead of insert on flat.run_clients for each row execute function flat.add_client();

        create function flat.add_recommendation() returns trigger language plpgsql as $$
        begin
            insert into peerfolio.recommendations values (
                new.slot, new.rank,
                coalesce((select k.list_number from peerfolio.run_clients k
                          where k.slot = new.slot and k.run_id = new.run_id and k.client_id = new.client_id), 0),
                new.run_id, new.score, new.peers_holding, new.propensity, new.product_id,
                case new.reason_code when 'PEERS' then 'P' when 'HYBRID' then 'H' when 'COMPONENTS' then 'C' else 'F' end,
                case when new.signal_scores is not null then array[
                    new.signal_scores->>'peers', new.signal_scores->>'item_conditional', new.signal_scores->>'ease',
                    new.signal_scores->>'popularity', new.signal_scores->>'recent_popularity',
                    new.signal_scores->>'segment_popularity', new.signal_scores->>'recent_peers',
                    new.signal_scores->>'recent_item_conditional', new.signal_scores->>'recent_ease',
                    new.signal_scores->>'softmax']::real[] end);
            return new;
        end $$;
        create trigger add instead of insert on flat.recommendations for each row
            execute function flat.add_recommendation();

        """
}
