-- One row per client with the three best suggestions side by side, as CRM screens want them.
create or replace view peerfolio_bi.client_suggestions as
select
    k.run_id,
    k.as_of_date,
    k.published_at,
    k.client_id,
    k.manager,
    k.status,
    k.portfolio_size,
    coalesce(s1.product_name, s1.product_id::text) as suggestion_1,
    s1.product_id as suggestion_1_product_id,
    s1.score as suggestion_1_score,
    s1.reason as suggestion_1_reason,
    coalesce(s2.product_name, s2.product_id::text) as suggestion_2,
    s2.product_id as suggestion_2_product_id,
    s2.score as suggestion_2_score,
    s2.reason as suggestion_2_reason,
    coalesce(s3.product_name, s3.product_id::text) as suggestion_3,
    s3.product_id as suggestion_3_product_id,
    s3.score as suggestion_3_score,
    s3.reason as suggestion_3_reason
from peerfolio_bi.clients k
left join peerfolio_bi.recommendations s1 on s1.client_id = k.client_id and s1.rank = 1
left join peerfolio_bi.recommendations s2 on s2.client_id = k.client_id and s2.rank = 2
left join peerfolio_bi.recommendations s3 on s3.client_id = k.client_id and s3.rank = 3;

comment on view peerfolio_bi.client_suggestions is 'Every client of the published run with its three best suggestions: one row per client.';
comment on column peerfolio_bi.client_suggestions.run_id is 'The published run.';
comment on column peerfolio_bi.client_suggestions.as_of_date is 'Business date: holdings as of the end of this day.';
comment on column peerfolio_bi.client_suggestions.published_at is 'When the run was published.';
comment on column peerfolio_bi.client_suggestions.client_id is 'The warehouse''s client id, in its own type.';
comment on column peerfolio_bi.client_suggestions.manager is 'Who looks after the client, if clients.manager is mapped.';
comment on column peerfolio_bi.client_suggestions.status is 'scored, fallback, no_portfolio or excluded; see peerfolio_bi.clients.';
comment on column peerfolio_bi.client_suggestions.portfolio_size is 'Products the client holds.';
comment on column peerfolio_bi.client_suggestions.suggestion_1 is 'Name of the best suggestion, or its id where no name is known; null if there is none.';
comment on column peerfolio_bi.client_suggestions.suggestion_1_product_id is 'Product id of the best suggestion.';
comment on column peerfolio_bi.client_suggestions.suggestion_1_score is 'Score of the best suggestion, 0...1.';
comment on column peerfolio_bi.client_suggestions.suggestion_1_reason is 'Reason of the best suggestion in words.';
comment on column peerfolio_bi.client_suggestions.suggestion_2 is 'Name of the second best suggestion, or its id where no name is known; null if there is none.';
comment on column peerfolio_bi.client_suggestions.suggestion_2_product_id is 'Product id of the second best suggestion.';
comment on column peerfolio_bi.client_suggestions.suggestion_2_score is 'Score of the second best suggestion, 0...1.';
comment on column peerfolio_bi.client_suggestions.suggestion_2_reason is 'Reason of the second best suggestion in words.';
comment on column peerfolio_bi.client_suggestions.suggestion_3 is 'Name of the third best suggestion, or its id where no name is known; null if there is none.';
comment on column peerfolio_bi.client_suggestions.suggestion_3_product_id is 'Product id of the third best suggestion.';
comment on column peerfolio_bi.client_suggestions.suggestion_3_score is 'Score of the third best suggestion, 0...1.';
comment on column peerfolio_bi.client_suggestions.suggestion_3_reason is 'Reason of the third best suggestion in words.';
grant select on peerfolio_bi.client_suggestions to peerfolio_reader, peerfolio_runner;
