import TestSupport
import Testing

/// `client_suggestions` lays the first three rows of each client's `recommendations` side by side.
@Suite(.requiresServer) struct ClientSuggestionsTests {
    /// Clients 0...9, of whom each has as many suggestions as its number, and 0 none; every other product has no name.
    private static func run(_ clientType: String, _ productType: String) -> String {
        func id(_ number: String, _ type: String) -> String {
            type == "uuid" ? "md5((\(number))::text)::uuid" : "(\(number))::text::\(type)"
        }
        return """
            insert into peerfolio.runs (channel, status, phase, trigger, term, as_of_date, config, config_hash, host,
                process_id, program_version, slot, finished_at, published_at)
            select 'live', 'succeeded', 'done', 'manual', n, '2026-06-30', '{}', '', '', 1, '', n - 1, now(), now()
            from generate_series(1, 2) n;
            update peerfolio.publication
            set live_run_id = 2, live_slot = 1, previous_run_id = 1, previous_slot = 0, published_at = now();
            insert into peerfolio.run_products
            select r, \(id("p", productType)), case p % 2 when 1 then 'Product ' || p end, 1, p / 20.0, true
            from generate_series(1, 2) r, generate_series(1, 19) p;
            insert into flat.run_clients (slot, run_id, client_id, status, portfolio_size, peers, manager)
            select r - 1, r, \(id("c", clientType)), 'scored', c, 10, 'Manager ' || r
            from generate_series(1, 2) r, generate_series(0, 9) c;
            insert into flat.recommendations (slot, run_id, client_id, rank, product_id, score, peers,
                peers_holding, reason_code)
            select r - 1, r, \(id("c", clientType)), n, \(id("n + r + c", productType)), 1.0 / n, 10, c, 'PEERS'
            from generate_series(1, 2) r, generate_series(1, 9) c, generate_series(1, 9) n
            where n <= c and n + r + c < 20;
            """
    }

    /// The view written as three joins.
    private static let joined = """
        select k.run_id, k.as_of_date, k.published_at, k.client_id, k.manager, k.status, k.portfolio_size,
            coalesce(s1.product_name, s1.product_id::text), s1.product_id, s1.score, s1.reason,
            coalesce(s2.product_name, s2.product_id::text), s2.product_id, s2.score, s2.reason,
            coalesce(s3.product_name, s3.product_id::text), s3.product_id, s3.score, s3.reason
        from peerfolio_bi.clients k
        left join peerfolio_bi.recommendations s1 on s1.client_id = k.client_id and s1.rank = 1
        left join peerfolio_bi.recommendations s2 on s2.client_id = k.client_id and s2.rank = 2
        left join peerfolio_bi.recommendations s3 on s3.client_id = k.client_id and s3.rank = 3
        order by k.client_id
        """

    @Test(arguments: [("bigint", "text"), ("text", "uuid"), ("uuid", "bigint")])
    func showsTheFirstThreeSideBySide(clientType: String, productType: String) async throws {
        try await TestServer.withMigratedDatabase(clientType: clientType, productType: productType) { database in
            #expect(try await database.rows("select * from peerfolio_bi.client_suggestions", as: .reader) == [])
            try await database.execute(FlatRows.script + Self.run(clientType, productType))
            let found = try await database.rows(
                "select * from peerfolio_bi.client_suggestions order by client_id", as: .reader)
            #expect(try await found == database.rows(Self.joined, as: .reader))
            // A client without suggestions stays, and one with fewer than three has nulls for the others.
            #expect(found.map { row in row.count { $0 == nil } }.sorted() == [0, 0, 0, 0, 0, 0, 0, 4, 8, 12])
        }
    }
}
