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
comment on column peerfolio_bi.my_suggestions.run_id is 'The published run.';
comment on column peerfolio_bi.my_suggestions.as_of_date is 'Business date: holdings as of the end of this day.';
comment on column peerfolio_bi.my_suggestions.published_at is 'When the run was published.';
comment on column peerfolio_bi.my_suggestions.client_id is 'The warehouse''s client id, in its own type.';
comment on column peerfolio_bi.my_suggestions.manager is 'Who looks after the client, if clients.manager is mapped.';
comment on column peerfolio_bi.my_suggestions.rank is '1 is the best suggestion for the client.';
comment on column peerfolio_bi.my_suggestions.product_id is 'The warehouse''s product id, in its own type.';
comment on column peerfolio_bi.my_suggestions.product_name is 'Name of the product; null if none is known.';
comment on column peerfolio_bi.my_suggestions.score is 'Weighted share of the client''s peers who hold the product, or the fused score of a hybrid model, or for COMPONENTS what it is made of or most like, 0...1; the base rate if the reason is POPULAR.';
comment on column peerfolio_bi.my_suggestions.lift is 'score / base_rate: how many times more often peers hold it than everybody; null if nobody holds it.';
comment on column peerfolio_bi.my_suggestions.reason_code is 'PEERS: from similar portfolios. HYBRID: from other signals of a hybrid model. COMPONENTS: they hold what it is made of, or is most like. POPULAR: the most popular products, where peers say nothing.';
comment on column peerfolio_bi.my_suggestions.reason is 'The reason in words.';
comment on column peerfolio_bi.my_suggestions.propensity is 'How often suggestions with such a score came true on history, 0...1; null until peerfolio evaluate has earned it.';
grant select on peerfolio_bi.my_suggestions to peerfolio_manager;
