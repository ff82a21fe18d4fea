import Holdings
import ResultStore
import TestSupport
import Testing

@testable import Scoring

/// Coverage, Gini and the share of the three most suggested products, beside plain SQL over what reports see.
@Suite(.requiresServer) struct ConcentrationRunTests {
    private static let yaml = """
        holdings: {relation: dwh.holdings, client: client_id, product: product_id, amount: amount}
        clients: {relation: dwh.clients, id: client_id}
        products: {relation: dwh.products, id: product_id, available: is_available, attributes: kind}
        exclusions: {query: "select client_id, product_id from dwh.exclusions"}
        """

    /// Forty clients and twelve products, the first ones held by most: one is not available, and one of the two that
    /// nobody holds has a kind that others have.
    private static func tables(_ seed: Int) -> String {
        """
        create table dwh.clients as select i::bigint as client_id from generate_series(1, 40) i;
        create table dwh.products as
            select 'P' || i as product_id, i <> 1 + \(seed) % 4 as is_available,
                   case when i = 12 then 'none' else 'K' || i % 2 end as kind
            from generate_series(1, 12) i;
        create table dwh.holdings as
            select c::bigint as client_id, 'P' || p as product_id, 1 as amount
            from generate_series(1, 40) c, generate_series(1, 10) p
            where abs(hashint8extended(c * 100 + p, \(seed))) % 20 < 16 / p;
        create table dwh.exclusions as
            select c::bigint as client_id, 'P' || 1 + abs(hashint8extended(c, \(seed))) % 12 as product_id
            from generate_series(1, 40, 4) c;
        """
    }

    /// By the definitions that need no order: Gini is half the mean difference of two products over the mean.
    private static let reference = """
        with counts as (
            select d.product_id, d.is_available and d.holders > 0 as is_candidate, count(r.client_id) as suggestions
            from peerfolio_bi.product_demand d
            left join peerfolio_bi.recommendations r on r.product_id = d.product_id
            group by d.product_id, 2
        ), catalog as (
            select * from counts where is_candidate or suggestions > 0
        )
        select count(*) filter (where suggestions > 0)::float8 / count(*),
               (select sum(abs(a.suggestions - b.suggestions)) / 2 from catalog a, catalog b)::float8
                   / nullif(count(*) * sum(suggestions), 0)::float8,
               (select sum(suggestions) from (select suggestions from catalog order by 1 desc limit 3) t)::float8
                   / nullif(sum(suggestions), 0)::float8
        from catalog
        """

    private static let stored = "select coverage, gini, top3_share from peerfolio_bi.run_history order by run_id desc"

    @Test(arguments: 1...16) func isWhatPlainSQLSays(seed: Int) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables(seed))
            let overrides = ["output.top_n=\(1 + seed % 5)", "model.k=\([2, 10, 200][seed % 3])"]
            let summary = try await database.run(Self.yaml, overrides: overrides)
            let expected = try await database.rows(Self.reference, as: .reader)[0].map { $0.flatMap(Double.init) }
            let stored = try await database.rows(Self.stored, as: .reader)[0].map { $0.flatMap(Double.init) }
            // To the last digit: only integers are added up.
            #expect([summary.coverage, summary.gini, summary.top3Share] == expected)
            #expect(stored == expected)
            let record = try await database.withSession(as: .runner) { try RunHistory($0).newestAttempt(of: 1) }
            #expect([record?.coverage, record?.gini, record?.top3Share] == expected)

            let again = try await database.run(Self.yaml, overrides: overrides + ["execution.chunk=1"])
            #expect([again.coverage, again.gini, again.top3Share] == expected)
        }
    }

    @Test func aRunThatRecommendsNothingHasNone() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings as select c::bigint as client_id, 'P' || p as product_id, 1 as amount
                from generate_series(1, 20) c, generate_series(0, 2) p
                """)
            let summary = try await database.run(
                SmallWarehouse.yaml, options: RunOptions(asOf: BusinessDate("2026-06-30"), isForced: true))
            #expect(summary.published && summary.recommendations == 0)
            #expect([summary.coverage, summary.gini, summary.top3Share] == [nil, nil, nil])
            #expect(try await database.rows(Self.stored, as: .reader) == [[nil, nil, nil]])
        }
    }

    /// One product is spread as evenly as can be; a second one that all hold who are suggested the first makes a half.
    @Test func oneProductGetsEverything() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings as select 1::bigint as client_id, 'A'::text as product_id, 1 as amount;
                create table dwh.clients as select i::bigint as client_id from generate_series(1, 5) i;
                """)
            let yaml = SmallWarehouse.yaml + "\nclients: {relation: dwh.clients, id: client_id}"
            // Too few for anything but a run that is forced.
            let one = try await database.run(
                yaml, options: RunOptions(asOf: BusinessDate("2026-06-30"), isForced: true))
            #expect(one.recommendations == 4)
            #expect(try await database.rows(Self.stored, as: .reader) == [["1", "0", "1"]])
            try await database.execute(
                """
                insert into dwh.holdings select i, 'B', 1 from generate_series(1, 5) i;
                """)
            let two = try await database.run(yaml)
            #expect(two.recommendations == 4)
            #expect(try await database.rows(Self.stored, as: .reader)[0] == ["0.5", "0.5", "1"])
        }
    }
}
