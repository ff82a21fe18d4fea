-- One row per client with the three best suggestions side by side, as CRM screens want them.
-- One range scan of the primary key per client, whatever the planner believes: joins of three lists, whose sizes it has to
-- guess, took a minute after a wrong guess. An array of one because max() knows no uuid before PostgreSQL 18.
create or replace view peerfolio_bi.client_suggestions as
select
    k.run_id,
    (select u.as_of_date
       from peerfolio.publication c join peerfolio.runs u on u.run_id = c.live_run_id
      where c.channel = 'live') as as_of_date,
    (select c.published_at from peerfolio.publication c where c.channel = 'live') as published_at,
    k.client_id,
    k.manager,
    case l.status when 'S' then 'scored' when 'F' then 'fallback' when 'N' then 'no_portfolio' else 'excluded' end as status,
    l.portfolio_size,
    s.suggestion_1,
    s.suggestion_1_product_id,
    s.suggestion_1_score,
    s.suggestion_1_reason,
    s.suggestion_2,
    s.suggestion_2_product_id,
    s.suggestion_2_score,
    s.suggestion_2_reason,
    s.suggestion_3,
    s.suggestion_3_product_id,
    s.suggestion_3_score,
    s.suggestion_3_reason
from peerfolio.live_clients k
join peerfolio.run_lists l on l.slot = k.slot and l.run_id = k.run_id and l.list_number = k.list_number
-- Without suggestions it is one row of nulls, so that every client stays.
cross join lateral (
    select
        (array_agg(coalesce(r.product_name, r.product_id::text)) filter (where r.rank = 1))[1] as suggestion_1,
        (array_agg(r.product_id) filter (where r.rank = 1))[1] as suggestion_1_product_id,
        (array_agg(r.score) filter (where r.rank = 1))[1] as suggestion_1_score,
        (array_agg(r.reason) filter (where r.rank = 1))[1] as suggestion_1_reason,
        (array_agg(coalesce(r.product_name, r.product_id::text)) filter (where r.rank = 2))[1] as suggestion_2,
        (array_agg(r.product_id) filter (where r.rank = 2))[1] as suggestion_2_product_id,
        (array_agg(r.score) filter (where r.rank = 2))[1] as suggestion_2_score,
        (array_agg(r.reason) filter (where r.rank = 2))[1] as suggestion_2_reason,
        (array_agg(coalesce(r.product_name, r.product_id::text)) filter (where r.rank = 3))[1] as suggestion_3,
        (array_agg(r.product_id) filter (where r.rank = 3))[1] as suggestion_3_product_id,
        (array_agg(r.score) filter (where r.rank = 3))[1] as suggestion_3_score,
        (array_agg(r.reason) filter (where r.rank = 3))[1] as suggestion_3_reason
    from peerfolio.live_lists r
    where r.slot = k.slot and r.run_id = k.run_id and r.list_number = k.list_number and r.rank <= 3
) s;

comment on view peerfolio_bi.client_suggestions is 'Every client of the published run with its three best suggestions: one row per client.';
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
