import Holdings
import TestSupport
import Testing

@testable import Scoring

/// Suitability from the relations to the views.
@Suite(.requiresServer) struct SuitabilityRunTests {
    private static let yaml =
        SmallWarehouse.yaml + """

            clients: {relation: dwh.clients, id: client_id, risk: profile, qualified: is_qualified}
            products: {relation: dwh.products, id: product_id, risk: class, requires_qualified: is_complex}
            suitability: {require: risk <= risk, levels: [low, medium, high]}
            """

    private static let tables =
        SmallWarehouse.tables + """
            create table dwh.clients as select i::bigint as client_id,
                (array['low', 'medium', 'high', 'odd', null])[i % 5 + 1] as profile, i % 3 <> 0 as is_qualified
                from generate_series(1, 25) i;
            create table dwh.products (product_id text, class text, is_complex boolean);
            insert into dwh.products values ('P0', 'low', false), ('P1', 'medium', false), ('P2', 'high', false),
                ('P3', 'low', true);
            """

    /// Lists and fallback lists have nothing that does not suit, and have all that does.
    @Test func offersWhatSuits() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let log = EventLog()
            let summary = try await database.run(Self.yaml) { log.add($0) }
            #expect(summary.published)
            let suits = """
                array_position(array['low', 'medium', 'high'], p.class)
                    <= array_position(array['low', 'medium', 'high'], k.profile)
                and (k.is_qualified or not p.is_complex)
                """
            let wrong = try await database.value(
                """
                select count(*) from peerfolio_bi.recommendations r join dwh.clients k using (client_id)
                join dwh.products p using (product_id) where (\(suits)) is not true
                """)
            #expect(wrong == "0")
            // Clients who hold nothing get every product that suits them.
            let missing = try await database.value(
                """
                select count(*) from dwh.clients k cross join dwh.products p
                where k.client_id > 20 and (\(suits)) is true and not exists (
                    select from peerfolio_bi.recommendations r
                    where r.client_id = k.client_id and r.product_id = p.product_id)
                """)
            #expect(missing == "0")
            let empty = try await database.value(
                """
                select count(*) from peerfolio_bi.client_suggestions s join dwh.clients k using (client_id)
                where s.suggestion_1 is null and k.profile in ('medium', 'high')
                """)
            #expect(empty == "0")
            let findings = try await database.rows(
                """
                select code, severity, occurrences, array_to_string(examples, ' ') from peerfolio_bi.run_findings
                where code like 'UNKNOWN%' order by 1
                """, as: .reader)
            #expect(findings == [["UNKNOWN_CLIENT_RISK", "warning", "10", "3 4 8 9 13"]])
        }
    }

    @Test func refusesWhenNothingSuitsAnybody() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables + "update dwh.products set class = 'extreme'")
            let error = await #expect(throws: ScoringError.self) { try await database.run(Self.yaml) }
            #expect(error?.findings.map(\.code) == [.nothingToOffer])
        }
    }

    /// The demo has risks from 1 to 5, which are numbers.
    @Test func theDemoSuits() async throws {
        try await TestServer.withMigratedDatabase { database in
            let yaml = try await database.loadDemo(clientCount: 500)
            let summary = try await database.run(
                yaml, overrides: ["clients.risk=risk_level", "products.risk=risk_level"])
            #expect(summary.published)
            let riskiest = try await database.rows(
                """
                select k.risk_level, max(p.risk_level) from peerfolio_bi.recommendations r
                join demo.clients k using (client_id) join demo.products p using (product_id) group by 1 order by 1
                """)
            #expect(riskiest.allSatisfy { ($0[1] ?? "9") <= ($0[0] ?? "0") }, "\(riskiest)")
            #expect(riskiest.count > 1)
        }
    }
}
