-- What the lists of the live run offer, with the reasons in words: a row per list and product.
create or replace view peerfolio.live_lists as
select
    r.slot,
    r.run_id,
    r.list_number,
    r.rank,
    r.product_id,
    p.name as product_name,
    r.score,
    case when r.reason = 'F' then 0 else l.peers end::double precision as peers,
    r.peers_holding,
    p.base_rate,
    -- A real says what its shortest text says; as a double precision it would have digits that nobody has computed.
    case when r.signal_scores is null then r.score else r.signal_scores[1]::text::double precision end
        / nullif(p.base_rate, 0) as lift,
    case r.reason when 'P' then 'PEERS' when 'H' then 'HYBRID' when 'C' then 'COMPONENTS' else 'POPULAR' end
        as reason_code,
    case r.reason
        when 'P' then
            format(
                '%s of %s clients with the most similar portfolios hold it; %s%% of all clients do (%s times).',
                case when r.peers_holding < 0.5 then 'Fewer than 1' else round(r.peers_holding)::text end,
                greatest(l.peers, 1)::text,
                to_char(p.base_rate * 100, case when p.base_rate < 0.01 then 'FM0.00' else 'FM990' end),
                to_char(
                    coalesce(r.signal_scores[1]::text::double precision, r.score) / nullif(p.base_rate, 0),
                    'FM999999990.0'))
        when 'H' then
            format(
                'Other signals than the most similar portfolios speak for it; %s%% of all clients hold it.',
                to_char(p.base_rate * 100, case when p.base_rate < 0.01 then 'FM0.00' else 'FM990' end))
        when 'C' then
            case when r.signal_scores is not null then
                format(
                    '%s products that suit the client; %s.',
                    case p.scored_from when 'attributes' then 'Most like' else 'Made of' end,
                    case when p.base_rate = 0 then 'nobody holds it yet' else 'some clients hold it itself' end)
            else format(
                '%s products that %s of %s clients with the most similar portfolios hold on average; %s.',
                case p.scored_from when 'attributes' then 'Most like' else 'Made of' end,
                case
                    when r.score * l.peers < 0.5 then 'fewer than 1' else round(r.score * l.peers)::text
                end,
                greatest(l.peers, 1)::text,
                case
                    when p.base_rate = 0 then 'nobody holds it yet'
                    else
                        to_char(p.base_rate * 100, case when p.base_rate < 0.01 then 'FM0.00' else 'FM990' end)
                        || '% of all clients hold it itself'
                end)
            end
        else
            format(
                'Popular: %s%% of all clients hold it; no similar portfolio suggests anything else.',
                to_char(p.base_rate * 100, case when p.base_rate < 0.01 then 'FM0.00' else 'FM990' end))
    end as reason,
    r.propensity,
    (select jsonb_object_agg(s.name, s.score)
       from unnest(
           array['peers', 'item_conditional', 'ease', 'popularity', 'recent_popularity', 'segment_popularity',
               'recent_peers', 'recent_item_conditional', 'recent_ease', 'softmax'], r.signal_scores) as s(name, score)
      where s.score is not null) as signal_scores,
    l.clients
from peerfolio.recommendations r
join peerfolio.run_lists l on l.slot = r.slot and l.run_id = r.run_id and l.list_number = r.list_number
join peerfolio.run_products p on p.run_id = r.run_id and p.product_id = r.product_id
where r.slot = (select c.live_slot from peerfolio.publication c where c.channel = 'live')
  and r.run_id = (select c.live_run_id from peerfolio.publication c where c.channel = 'live');

comment on view peerfolio.live_lists is 'What each list of the live run offers: one row per list and product.';
