-- Products that are scored from others, and how much lists change from run to run.

alter table peerfolio.recommendations
    drop constraint recommendations_reason_code_check,
    add constraint recommendations_reason_code_check check (reason_code in ('PEERS', 'COMPONENTS', 'POPULAR'));
comment on column peerfolio.recommendations.score is
    'Weighted share of the client''s peers who hold the product, or what it is made of; 0...1; the base rate for POPULAR.';
comment on column peerfolio.recommendations.reason_code is
    'PEERS: from similar portfolios. COMPONENTS: they hold what it is made of, or is most like. POPULAR: fallback, the most popular products.';

alter table peerfolio.run_products
    add column scored_from text check (scored_from in ('components', 'attributes'));
comment on column peerfolio.run_products.scored_from is
    'components: also scored from what it is made of. attributes: nobody holds it, scored from the held products most like it. null: from votes alone.';
