-- Suggestions as a sales manager reads them: one row per client and product within the top n.
create or replace view peerfolio_bi.top_suggestions as
select
    r.run_id, r.as_of_date, r.published_at,
    r.client_id, k.manager, r.rank, r.product_id, r.product_name, r.score, r.lift, r.reason_code, r.reason,
    r.propensity
from peerfolio_bi.recommendations r
join peerfolio_bi.clients k on k.client_id = r.client_id;

comment on view peerfolio_bi.top_suggestions is 'Suggestions of the published run with the client''s manager: one row per client and product.';
comment on column peerfolio_bi.top_suggestions.run_id is 'The published run.';
comment on column peerfolio_bi.top_suggestions.as_of_date is 'Business date: holdings as of the end of this day.';
comment on column peerfolio_bi.top_suggestions.published_at is 'When the run was published.';
comment on column peerfolio_bi.top_suggestions.client_id is 'The warehouse''s client id, in its own type.';
comment on column peerfolio_bi.top_suggestions.manager is 'Who looks after the client, if clients.manager is mapped.';
comment on column peerfolio_bi.top_suggestions.rank is '1 is the best suggestion for the client.';
comment on column peerfolio_bi.top_suggestions.product_id is 'The warehouse''s product id, in its own type.';
comment on column peerfolio_bi.top_suggestions.product_name is 'Name of the product; null if none is known.';
comment on column peerfolio_bi.top_suggestions.score is 'Weighted share of the client''s peers who hold the product, or the fused score of a hybrid model, or for COMPONENTS what it is made of or most like, 0...1; the base rate if the reason is POPULAR.';
comment on column peerfolio_bi.top_suggestions.lift is 'score / base_rate: how many times more often peers hold it than everybody; null if nobody holds it.';
comment on column peerfolio_bi.top_suggestions.reason_code is 'PEERS: from similar portfolios. HYBRID: from other signals of a hybrid model. COMPONENTS: they hold what it is made of, or is most like. POPULAR: the most popular products, where peers say nothing.';
comment on column peerfolio_bi.top_suggestions.reason is 'The reason in words.';
comment on column peerfolio_bi.top_suggestions.propensity is 'How often suggestions with such a score came true on history, 0...1; null until peerfolio evaluate has earned it.';
grant select on peerfolio_bi.top_suggestions to peerfolio_reader, peerfolio_runner;
