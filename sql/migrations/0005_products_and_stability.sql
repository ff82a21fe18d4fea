-- Products that are scored from others, and how much lists change from run to run.

alter table peerfolio.recommendations
    drop constraint recommendations_reason_code_check,
    add constraint recommendations_reason_code_check check (reason_code in ('PEERS', 'HYBRID', 'COMPONENTS', 'POPULAR'));
comment on column peerfolio.recommendations.score is
    'Weighted share of the client''s peers who hold the product, or what it is made of; 0...1; the base rate for POPULAR.';
comment on column peerfolio.recommendations.reason_code is
    'PEERS: from similar portfolios. COMPONENTS: they hold what it is made of, or is most like. POPULAR: fallback, the most popular products.';

alter table peerfolio.run_products
    add column scored_from text check (scored_from in ('components', 'attributes'));
comment on column peerfolio.run_products.scored_from is
    'components: also scored from what it is made of. attributes: nobody holds it, scored from the held products most like it. null: from votes alone.';

-- Counts, so that shares can be taken over any number of runs.
alter table peerfolio.runs
    add column compared_run_id bigint,
    add column clients_compared bigint,
    add column lists_changed bigint,
    add column suggestions_compared bigint,
    add column suggestions_new bigint,
    add column first_choices_compared bigint,
    add column first_choices_changed bigint;
comment on column peerfolio.runs.compared_run_id is
    'The run that was live when this one read its sources: output.hysteresis keeps its suggestions, and lists are compared with it; null for the first.';
comment on column peerfolio.runs.clients_compared is
    'Clients in both runs; null without a run to compare with, or when its rows were gone.';
comment on column peerfolio.runs.lists_changed is 'Those of them whose list has other products, or another order.';
comment on column peerfolio.runs.suggestions_compared is 'Suggestions of this run to clients in both.';
comment on column peerfolio.runs.suggestions_new is 'Those that were not in the client''s list before.';
comment on column peerfolio.runs.first_choices_compared is 'Clients with a best suggestion in both runs.';
comment on column peerfolio.runs.first_choices_changed is 'Those whose best suggestion is another product now.';
grant update (
    compared_run_id, clients_compared, lists_changed, suggestions_compared, suggestions_new, first_choices_compared,
    first_choices_changed
) on peerfolio.runs to peerfolio_runner;
