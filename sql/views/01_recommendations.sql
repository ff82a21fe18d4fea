-- The live run, one row per client and suggested product. The other views build on it.
-- Slot and run come from sub-selects on the pointer, so that a plan prunes the other slots when it runs and stays valid
-- across publications; the run id keeps rows of a run that lost its fence invisible.
create or replace view peerfolio_bi.recommendations as
select
    r.run_id,
    (select u.as_of_date
       from peerfolio.publication c join peerfolio.runs u on u.run_id = c.live_run_id
      where c.channel = 'live') as as_of_date,
    (select c.published_at from peerfolio.publication c where c.channel = 'live') as published_at,
    r.client_id,
    r.product_id,
    p.name as product_name,
    r.rank,
    r.score,
    r.peers,
    r.peers_holding,
    p.base_rate,
    case when r.signal_scores is null then r.score else (r.signal_scores->>'peers')::double precision end
        / nullif(p.base_rate, 0) as lift,
    r.reason_code,
    case r.reason_code
        when 'PEERS' then
            format(
                '%s of %s clients with the most similar portfolios hold it; %s%% of all clients do (%s times).',
                case when r.peers_holding < 0.5 then 'Fewer than 1' else round(r.peers_holding)::text end,
                case when r.peers < 0.5 then '1' else round(r.peers)::text end,
                to_char(p.base_rate * 100, case when p.base_rate < 0.01 then 'FM0.00' else 'FM990' end),
                to_char(
                    coalesce((r.signal_scores->>'peers')::double precision, r.score) / nullif(p.base_rate, 0),
                    'FM999999990.0'))
        when 'HYBRID' then
            format(
                'Other signals than the most similar portfolios speak for it; %s%% of all clients hold it.',
                to_char(p.base_rate * 100, case when p.base_rate < 0.01 then 'FM0.00' else 'FM990' end))
        when 'COMPONENTS' then
            case when r.signal_scores is not null then
                format(
                    '%s products that suit the client; %s.',
                    case p.scored_from when 'attributes' then 'Most like' else 'Made of' end,
                    case when p.base_rate = 0 then 'nobody holds it yet' else 'some clients hold it itself' end)
            else format(
                '%s products that %s of %s clients with the most similar portfolios hold on average; %s.',
                case p.scored_from when 'attributes' then 'Most like' else 'Made of' end,
                case
                    when r.score * r.peers < 0.5 then 'fewer than 1' else round(r.score * r.peers)::text
                end,
                case when r.peers < 0.5 then '1' else round(r.peers)::text end,
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
    r.signal_scores
from peerfolio.recommendations r
join peerfolio.run_products p on p.run_id = r.run_id and p.product_id = r.product_id
where r.slot = (select c.live_slot from peerfolio.publication c where c.channel = 'live')
  and r.run_id = (select c.live_run_id from peerfolio.publication c where c.channel = 'live');

comment on view peerfolio_bi.recommendations is
    'Recommendations of the published run: one row per client and suggested product. Statements that must agree with each other run in one REPEATABLE READ transaction or compare run_id.';
comment on column peerfolio_bi.recommendations.run_id is 'The published run.';
comment on column peerfolio_bi.recommendations.as_of_date is 'Business date: holdings as of the end of this day.';
comment on column peerfolio_bi.recommendations.published_at is 'When the run was published.';
comment on column peerfolio_bi.recommendations.client_id is 'The warehouse''s client id, in its own type.';
comment on column peerfolio_bi.recommendations.product_id is 'The warehouse''s product id, in its own type.';
comment on column peerfolio_bi.recommendations.product_name is 'Name of the product; null if none is known.';
comment on column peerfolio_bi.recommendations.rank is '1 is the best suggestion for the client.';
comment on column peerfolio_bi.recommendations.score is 'Weighted share of the client''s peers who hold the product, or the fused score of a hybrid model, or for COMPONENTS what it is made of or most like, 0...1; the base rate if the reason is POPULAR.';
comment on column peerfolio_bi.recommendations.peers is 'Clients with the most similar portfolios that were counted.';
comment on column peerfolio_bi.recommendations.peers_holding is 'How many of them hold the product; ties at the last place count by fractions.';
comment on column peerfolio_bi.recommendations.base_rate is 'Share of all clients with a portfolio who hold the product.';
comment on column peerfolio_bi.recommendations.lift is 'score / base_rate (with a hybrid model, its part of peers / base_rate): how many times more often peers hold it than everybody; null if nobody holds it.';
comment on column peerfolio_bi.recommendations.reason_code is 'PEERS: from similar portfolios. HYBRID: from other signals of a hybrid model. COMPONENTS: they hold what it is made of, or is most like. POPULAR: the most popular products, where peers say nothing.';
comment on column peerfolio_bi.recommendations.reason is 'The reason in words.';
comment on column peerfolio_bi.recommendations.propensity is 'How often suggestions with such a score came true on history within the length of the windows that were evaluated, 0...1; null until peerfolio evaluate has earned it, and for COMPONENTS and POPULAR.';
comment on column peerfolio_bi.recommendations.signal_scores is 'The parts of a hybrid score by signal, 0...1; null without a hybrid model.';
grant select on peerfolio_bi.recommendations to peerfolio_reader, peerfolio_runner;
