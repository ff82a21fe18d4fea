import Postgres
import TestSupport
import Testing

/// How well the recommendations of one day foretell what clients bought in the following half year.
@Suite(.requiresServer, .requiresFarTrans) struct AccuracyTests {
    /// The figures published with the data set for 200 informative peers on 2021-01-01.
    ///
    /// Ties were broken at random there, so they need not be met exactly.
    @Test func reachesTheReferenceFigures() async throws {
        try await Bank.open([.positions, .laterPositions]) { bank in
            // Ten places instead of five, for the gain at ten; all else is default.
            try await bank.run(
                """
                holdings: { relation: bank.positions, client: customer_id, product: isin }
                output: { top_n: 10 }
                """)
            let (clients, pairs, accuracy) = try await bank.query { session in
                let result = try session.execute(Self.accuracy)
                let row = try #require(result.rows.first)
                return (
                    try row.get("clients", as: Int.self), try row.get("pairs", as: Int.self),
                    (
                        ndcg: try row.get("ndcg_at_10", as: Double.self),
                        first: try row.get("hit_rate_at_1", as: Double.self),
                        third: try row.get("hit_rate_at_3", as: Double.self)
                    )
                )
            }
            #expect(clients == 2170)
            #expect(pairs == 5334)
            #expect(abs(accuracy.ndcg - 0.3729) < 0.005, "nDCG@10 is \(accuracy.ndcg)")
            #expect(abs(accuracy.first - 0.229) < 0.005, "HR@1 is \(accuracy.first)")
            #expect(abs(accuracy.third - 0.448) < 0.005, "HR@3 is \(accuracy.third)")
        }
    }

    /// Clients with a new pair, and how high their recommendations place it.
    private static let accuracy = """
        with new_pair as (
            select customer_id, isin
              from bank.later_positions l
             where not exists (select from bank.positions p where p.customer_id = l.customer_id and p.isin = l.isin)
               and exists (select from bank.positions p where p.customer_id = l.customer_id)
               and exists (select from bank.positions p where p.isin = l.isin)
        ), tested as (
            select n.customer_id, count(*) as pairs, min(r.rank) as best_rank,
                   -- DCG is usually written with log2; the base cancels out.
                   coalesce(sum(1 / ln(r.rank + 1::float8)) filter (where r.rank <= 10), 0) as gain
              from new_pair n
              left join peerfolio_bi.recommendations r on r.client_id = n.customer_id and r.product_id = n.isin
             group by n.customer_id
        )
        select count(*) as clients, sum(pairs) as pairs,
               avg(gain / (select sum(1 / ln(i + 1::float8)) from generate_series(1, least(10, pairs)) as i)) as ndcg_at_10,
               avg(coalesce(best_rank <= 1, false)::integer)::float8 as hit_rate_at_1,
               avg(coalesce(best_rank <= 3, false)::integer)::float8 as hit_rate_at_3
          from tested
        """
}
