import Postgres
import Recommending
import TestSupport
import Testing

@testable import ResultStore

/// What counts as damage to the published rows, and what lies beside them and does not.
@Suite(.requiresServer) struct DamageTests {
    private static let limit = Duration.seconds(30)

    /// Two clients with one suggestion each, published as run 1 in slot 0, and a run of another channel in slot 1.
    private static func withPublished(_ body: (TestDatabase) async throws -> Void) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.withSession(as: .runner) { session in
                let lease = try RunLog(session).start(.test())
                let counts = RunCounts(clients: 2, clientsWithPortfolio: 2, products: 2, holdings: 2)
                try RunLog(session).recordInput(lease, counts: counts, fingerprint: "f", findings: [])
                try lease.writeOneRow(session)
                try session.executeScript(
                    """
                    insert into peerfolio.run_lists values (0, 1, 1, 0.5, 1, 1, 1, 1, 'S');
                    insert into peerfolio.run_clients values (0, 1, 1, 2);
                    insert into peerfolio.recommendations values (0, 1, 1, 1, 0.25, 0.25, null, 'A', 'P');
                    """)
                try ResultWriter(session, lease, statementTimeout: limit).verify(
                    .byHand([(1, "B", 0.5), (2, "A", 0.25)]), distinctPortfolios: 2, kernel: "test", width: 1,
                    concentration: Concentration([1, 1]))
                try Publication(session).publish(lease)
            }
            try await database.withSession(as: .runner) { session in
                let lease = try RunLog(session).start(.test(channel: "other"))
                let counts = RunCounts(clients: 1, clientsWithPortfolio: 1, products: 1, holdings: 1)
                try RunLog(session).recordInput(lease, counts: counts, fingerprint: "f", findings: [])
                try lease.publishOneRow(session)
            }
            try await body(database)
        }
    }

    private static func damage(_ database: TestDatabase, channel: String = "live") async throws -> String? {
        try await database.withSession(as: .runner) { session in
            try Publication(session, statementTimeout: limit).damage(channel: channel)
        }
    }

    /// What a dead run has left in the live slot is the sweep's business, and reports never see it.
    @Test(arguments: [
        "",
        // Rows of others in the live slot, and of the live run in others.
        "insert into peerfolio.recommendations values (0, 1, 1, 999, 0.5, 1, null, 'A', 'P')",
        "insert into peerfolio.run_lists values (0, 0, 999, 0.5, 0, 1, 1, 1, 'S')",
        "insert into peerfolio.run_clients values (0, 0, 999, 1)",
        "insert into peerfolio.recommendations values (3, 1, 0, 1, 0.5, 1, null, 'A', 'P')",
        "insert into peerfolio.run_lists values (3, 0, 1, 0.5, 0, 1, 1, 1, 'S')",
        "insert into peerfolio.run_clients values (3, 0, 1, 3)",
        // Another channel's damage is that channel's.
        "delete from peerfolio.recommendations where run_id = 2",
    ])
    func straysAreNoDamage(script: String) async throws {
        try await Self.withPublished { database in
            try await database.execute(script)
            #expect(try await Self.damage(database) == nil)
        }
    }

    @Test(
        arguments: [
            (
                "delete from peerfolio.recommendations where run_id = 1 and list_number = 1",
                "wrote 2 recommendations, and 1"
            ),
            (
                "insert into peerfolio.recommendations values (0, 2, 1, 1, 0, 1, null, 'B', 'P')",
                "wrote 2 recommendations, and 3"
            ),
            // As many rows as were written, but not all of them the live run's.
            (
                """
                delete from peerfolio.recommendations where run_id = 1 and list_number = 1;
                insert into peerfolio.recommendations values (0, 1, 1, 999, 0.25, 0.25, null, 'A', 'P')
                """, "wrote 2 recommendations, and 1"
            ),
            ("delete from peerfolio.run_clients where run_id = 1 and client_id = 1", "wrote 2 clients, and 1 are"),
            (
                "insert into peerfolio.run_clients values (0, 1, 1, 3)", "wrote 2 clients, and 3 are"
            ),
            ("delete from peerfolio.run_lists where run_id = 1 and list_number = 0", "wrote 2 lists, and 1 are"),
            ("insert into peerfolio.run_lists values (0, 2, 1, 0.5, 2, 1, 1, 1, 'S')", "wrote 2 lists, and 3 are"),
            (
                "update peerfolio.run_lists set clients = 2 where run_id = 1 and list_number = 0",
                "wrote 2 recommendations, and 3"
            ),
            // Everything adds up, and two clients have each other's lists.
            ("update peerfolio.run_clients set list_number = 1 - list_number where run_id = 1", "products or lists"),
            ("update peerfolio.run_clients set client_id = 3 where run_id = 1 and client_id = 2", "products or lists"),
            ("update peerfolio.run_lists set status = 'F' where run_id = 1 and list_number = 0", "products or lists"),
            ("update peerfolio.run_lists set peers = 2 where run_id = 1 and list_number = 0", "products or lists"),
            ("update peerfolio.run_lists set kth_distance = null where run_id = 1", "products or lists"),
            (
                "update peerfolio.recommendations set product_id = 'C' where run_id = 1 and list_number = 0",
                "products or"
            ),
            ("update peerfolio.recommendations set reason = 'H' where run_id = 1 and list_number = 0", "products or"),
            ("update peerfolio.recommendations set peers_holding = 0 where run_id = 1", "products or"),
            (
                "update peerfolio.recommendations set score = score + 1e-9 where run_id = 1 and list_number = 0",
                "other scores"
            ),
            (
                "update peerfolio.recommendations set rank = 2 where run_id = 1 and list_number = 0",
                "other scores or ranks"
            ),
            (
                """
                update peerfolio.publication set live_slot = 3 where channel = 'live'
                """, "wrote 2 recommendations, and 0"
            ),
        ])
    func whatIsMissingOrChangedIsDamage(script: String, words: String) async throws {
        try await Self.withPublished { database in
            try await database.execute(script)
            let damage = try #require(try await Self.damage(database))
            #expect(damage.contains("run 1, which is live") && damage.contains(words), "\(damage)")
            #expect(try await Self.damage(database, channel: "other") == nil)
        }
    }

    @Test func nothingIsDamagedWhileNothingIsPublished() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.withSession(as: .runner) { session in
                try RunLog(session).start(.test()).writeOneRow(session)
            }
            #expect(try await Self.damage(database) == nil)
            #expect(try await Self.damage(database, channel: "nowhere") == nil)
        }
    }
}
