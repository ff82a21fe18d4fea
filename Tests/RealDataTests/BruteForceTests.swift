import Postgres
import Scoring
import TestSupport
import Testing

/// The job on real holdings, with the default settings, compared with ``BruteForce``.
@Suite(.requiresServer, .requiresFarTrans) struct BruteForceTests {
    @Test func agreesWithPlainSQL() async throws {
        try await Bank.open([.positions, .customers, .assets]) { bank in
            let summary = try await bank.run(
                """
                holdings: { relation: bank.positions, client: customer_id, product: isin }
                clients: { relation: bank.customers, id: customer_id }
                products: { relation: bank.assets, id: isin, name: asset_name }
                """)
            #expect(summary.published)
            #expect(summary.clients == 29_090)
            #expect(summary.clientsWithPortfolio == 22_776)
            #expect(summary.products == 806)
            #expect(summary.holdings == 58_561)

            try await bank.query { try $0.executeScript(BruteForce.script) }
            try await expectAVariedSample(bank)
            try await expectEqualRecommendations(bank)
            try await expectEqualClients(bank)
            try await expectEqualProducts(bank)
        }
    }

    /// Without such clients, the comparison would not mean much.
    private func expectAVariedSample(_ bank: Bank) async throws {
        let clients = "select count(*) from reference.expected_client where"
        #expect(try await bank.number("\(clients) size > 0") == 200)
        #expect(try await bank.number("\(clients) size = 0") == 10)
        #expect(try await bank.number("\(clients) size = 1") == 60)
        #expect(try await bank.number("\(clients) size > 40") >= 4)
        // Hundreds of clients at one distance who share the last places, or all of them, and fewer peers than places.
        #expect(try await bank.number("\(clients) tied > 10 * places and places > 0") >= 10)
        #expect(try await bank.number("\(clients) closer = 0 and tied > 200") >= 20)
        #expect(try await bank.number("\(clients) size > 0 and closer + tied < 200") >= 5)
    }

    private func expectEqualRecommendations(_ bank: Bank) async throws {
        let differences = try await bank.query { session in
            try session.execute(BruteForce.comparison).rows.flatMap { row in
                try row.columns.map { ($0.name, try row.get($0.name, as: Int.self)) }
            }
        }
        for (name, count) in differences {
            #expect(count == (name == "agreeing" ? 5 * 210 : 0), "\(name)")
        }
    }

    private func expectEqualClients(_ bank: Bank) async throws {
        let differing = try await bank.number(
            """
            select count(*)
              from reference.expected_client e
              left join peerfolio_bi.clients a on a.client_id = e.client_id
             where (a.portfolio_size, a.peers, a.kth_distance) is distinct from
                   (e.size, (e.closer + e.places)::float8, e.kth_distance::float8 / 10000)
                or a.status is distinct from
                   case when e.size = 0 then 'no_portfolio' when e.tied = 0 then 'fallback' else 'scored' end
            """)
        #expect(differing == 0)
    }

    private func expectEqualProducts(_ bank: Bank) async throws {
        let products = """
            select count(*)
              from bank.assets a
              join peerfolio.run_products p on p.product_id = a.isin and p.name is not distinct from a.asset_name
              left join reference.product r on r.product_id = a.isin
             where p.holders = coalesce(r.holders, 0) and p.base_rate = coalesce(r.base_rate, 0)
            """
        #expect(try await bank.number(products) == 806)
        #expect(try await bank.number("\(products) and p.name like '%,%'") > 0)
        #expect(try await bank.number("\(products) and p.name like '%''%'") > 0)
        #expect(try await bank.number("\(products) and p.name ~ '[Α-Ω]'") > 0)
    }
}
