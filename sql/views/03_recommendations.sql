-- The live run, one row per client and suggested product.
create or replace view peerfolio_bi.recommendations as
select
    r.run_id,
    (select u.as_of_date
       from peerfolio.publication c join peerfolio.runs u on u.run_id = c.live_run_id
      where c.channel = 'live') as as_of_date,
    (select c.published_at from peerfolio.publication c where c.channel = 'live') as published_at,
    k.client_id,
    r.product_id,
    r.product_name,
    r.rank,
    r.score,
    r.peers,
    r.peers_holding,
    r.base_rate,
    r.lift,
    r.reason_code,
    r.reason,
    r.propensity,
    r.signal_scores
from peerfolio.live_clients k
join peerfolio.live_lists r on r.slot = k.slot and r.run_id = k.run_id and r.list_number = k.list_number;

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
