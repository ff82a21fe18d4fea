import Holdings
import TestSupport
import Testing

@testable import Scoring

/// A run over numeric ids publishes what one over the same ids as bigint does, and reports join it without casts.
@Suite(.requiresServer) struct NumericIDRunTests {
    private static let yaml = """
        holdings: {relation: dwh.holdings, client: client_id, product: product_id, amount: amount}
        clients: {relation: dwh.clients, id: client_id, manager: manager}
        products: {relation: dwh.products, id: product_id, name: name}
        exclusions: {query: "select client_id, product_id, 'no' as reason from dwh.exclusions"}
        output: {hysteresis: 0.1}
        """

    /// The same random warehouse, whatever the type: negative ids, ids beyond one word, and few products, so that ties are
    /// broken by id.
    private static func tables(_ type: String, seed: Int, base: String) -> String {
        """
        select setseed(0.\(seed + 1));
        create table dwh.raw as
        select (random() * 120)::integer - 60 as c, (random() * 9)::integer * 1000 - 3000 as p, random() as a
        from generate_series(1, 400);
        create table dwh.holdings as
        select (c + \(base))::\(type) as client_id, p::\(type) as product_id, a::numeric as amount from dwh.raw;
        create table dwh.clients as
        select distinct client_id, 'M' || abs(client_id) % 3 as manager from dwh.holdings;
        create table dwh.products as select distinct product_id, 'P ' || product_id::bigint as name from dwh.holdings;
        create table dwh.exclusions as
        select client_id, max(product_id) as product_id from dwh.holdings group by 1 having abs(client_id) % 5 = 0;
        """
    }

    private static func published(_ type: String, seed: Int, base: String) async throws -> [[String?]] {
        var rows: [[String?]] = []
        try await TestServer.withMigratedDatabase(clientType: type, productType: type) { database in
            try await database.execute(tables(type, seed: seed, base: base))
            try await database.run(yaml)
            try await database.run(yaml, options: RunOptions(asOf: BusinessDate("2026-06-30"), isForced: true))
            for query in [
                """
                select client_id, rank, product_id, product_name, score, peers, peers_holding, reason_code, reason
                from peerfolio_bi.recommendations order by client_id, rank
                """,
                "select product_id, holders, base_rate from peerfolio.run_products where run_id = 2 order by product_id",
                "select recommendations, lists, checksum, contents_checksum from peerfolio.runs where run_id = 2",
                """
                select count(*), sum(r.rank) from peerfolio_bi.recommendations r
                join dwh.clients c on c.client_id = r.client_id join dwh.products p on p.product_id = r.product_id
                """,
                "select lists_changed from peerfolio.runs where run_id = 2",
            ] { rows += try await database.rows(query) }
        }
        return rows
    }

    @Test(arguments: 0..<4) func isThatOverBigint(seed: Int) async throws {
        let base = ["0", "9000000000000000000", "-9000000000000000000", "5000000"][seed]
        let expected = try await Self.published("bigint", seed: seed, base: base)
        #expect(expected.count > 200)
        #expect(try await Self.published("numeric", seed: seed, base: base) == expected)
    }

    /// Beyond bigint, as the surrogate keys of a migrated warehouse may be.
    @Test func goesBeyondBigint() async throws {
        let rows = try await Self.published("numeric", seed: 4, base: "18000000000000000000")
        let small = try await Self.published("numeric", seed: 4, base: "0")
        #expect(rows.count == small.count && rows.count > 200)
        #expect(rows.allSatisfy { $0.count < 9 || $0[0]?.hasPrefix("1") == true && $0[0]?.count ?? 0 >= 20 })
    }
}
