-- What evaluations have measured: figures with intervals, newest evaluation first by evaluation_id.
create or replace view peerfolio_bi.model_quality as
select
    e.evaluation_id,
    e.run_id,
    e.evaluated_at,
    e.kind,
    e.evaluation_id = (
        select max(l.evaluation_id) from peerfolio.evaluations l
        where l.channel = e.channel and l.kind = e.kind and (l.run_id is null) = (e.run_id is null)) as is_latest,
    m.window_number,
    m.train_date,
    m.test_date,
    m.segment,
    m.method,
    m.method = e.published_method as is_published_method,
    split_part(m.metric, '@', 1) as metric,
    split_part(m.metric, '@', 2)::integer as cutoff,
    m.compared_with,
    m.value,
    m.low,
    m.high,
    m.clients,
    e.channel
from peerfolio.run_metrics m
join peerfolio.evaluations e using (evaluation_id);

comment on view peerfolio_bi.model_quality is
    'Figures of evaluations: one row per window, segment, method and metric. Metrics are means over tested clients, in expectation over all orders of products with equal scores.';
comment on column peerfolio_bi.model_quality.run_id is 'The run whose backtest it is; null for peerfolio evaluate.';
comment on column peerfolio_bi.model_quality.evaluated_at is 'When it was made.';
comment on column peerfolio_bi.model_quality.kind is 'temporal: what clients added between two days. leave_one_out: one product of each client, hidden.';
comment on column peerfolio_bi.model_quality.is_latest is 'Whether it is the newest evaluation of its channel; among the backtests of runs, the newest of these.';
comment on column peerfolio_bi.model_quality.is_published_method is 'Whether the configuration that was evaluated publishes this method; the live run may have another.';
comment on column peerfolio_bi.model_quality.metric is
    'Means over tested clients, of the first k places; R are the products to find. hit_rate: 1 if any of R is there (Deshpande, Karypis 2004). recall: how many of R are there / |R|. ndcg: sum over hits of 1/log2(rank + 1), / that of an ideal list of min(k, |R|) hits (Jarvelin, Kekalainen 2002). map: sum over hits of (hits up to the rank / rank), / |R| (Buckley, Voorhees 2000). mrr: 1 / rank of the first hit, 0 beyond k (Voorhees 1999). Of all lists: coverage: share of the held products recommended to anybody (Ge et al. 2010). gini: inequality of how often products are recommended, 0 for all alike (Shani, Gunawardana 2011). All in expectation over the orders of equal scores (McSherry, Najork 2008).';
comment on column peerfolio_bi.model_quality.cutoff is 'k: how many places of each list count.';
comment on column peerfolio_bi.model_quality.channel is 'Publication channel of the configuration that was evaluated.';
grant select on peerfolio_bi.model_quality to peerfolio_reader, peerfolio_runner;
