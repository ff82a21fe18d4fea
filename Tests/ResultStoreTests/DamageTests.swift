import Postgres
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
                let lease = try RunLog.start(.test(), session: session)
                let counts = RunCounts(clients: 2, clientsWithPortfolio: 2, products: 2, holdings: 2)
                try RunLog.recordInput(lease, counts: counts, fingerprint: "f", findings: [], session: session)
                try lease.writeOneRow(session)
                try session.executeScript(
                    """
                    insert into peerfolio.run_clients values (0, 1, 2, 'scored', 1, 1, 0.5, null);
                    insert into peerfolio.recommendations values (0, 1, 2, 1, 'A', 0.25, 1, 0.25, 'PEERS');
                    """)
                try ResultWriter(lease, statementTimeout: limit).verify(
                    .init(recommendations: 2, clients: 2, checksum: 536_870_912 + 268_435_456),
                    distinctPortfolios: 2, kernel: "test", width: 1, session: session)
                try Publication.publish(lease, session: session)
            }
            try await database.withSession(as: .runner) { session in
                let lease = try RunLog.start(.test(channel: "other"), session: session)
                let counts = RunCounts(clients: 1, clientsWithPortfolio: 1, products: 1, holdings: 1)
                try RunLog.recordInput(lease, counts: counts, fingerprint: "f", findings: [], session: session)
                try lease.publishOneRow(session)
            }
            try await body(database)
        }
    }

    private static func damage(_ database: TestDatabase, channel: String = "live") async throws -> String? {
        try await database.withSession(as: .runner) { session in
            try Publication.damage(channel: channel, statementTimeout: limit, session: session)
        }
    }

    /// What a dead run has left in the live slot is the sweep's business, and reports never see it.
    @Test(arguments: [
        "",
        // Rows of others in the live slot, and of the live run in others.
        "insert into peerfolio.recommendations values (0, 999, 1, 1, 'A', 0.5, 1, 1, 'PEERS')",
        "insert into peerfolio.run_clients values (0, 999, 1, 'scored', 1, 1, 0.5, null)",
        "insert into peerfolio.recommendations values (3, 1, 3, 1, 'A', 0.5, 1, 1, 'PEERS')",
        "insert into peerfolio.run_clients values (3, 1, 3, 'scored', 1, 1, 0.5, null)",
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
                "delete from peerfolio.recommendations where run_id = 1 and client_id = 2",
                "wrote 2 recommendations, and 1"
            ),
            (
                "insert into peerfolio.recommendations values (0, 1, 3, 1, 'A', 0, 1, 1, 'PEERS')",
                "wrote 2 recommendations, and 3"
            ),
            // As many rows as were written, but not all of them the live run's.
            (
                """
                delete from peerfolio.recommendations where run_id = 1 and client_id = 2;
                insert into peerfolio.recommendations values (0, 999, 2, 1, 'A', 0.25, 1, 1, 'PEERS')
                """, "wrote 2 recommendations, and 1"
            ),
            ("delete from peerfolio.run_clients where run_id = 1 and client_id = 1", "wrote 2 clients, and 1 are"),
            (
                "insert into peerfolio.run_clients values (0, 1, 3, 'scored', 1, 1, 0.5, null)",
                "wrote 2 clients, and 3 are"
            ),
            (
                "update peerfolio.recommendations set score = score + 1e-9 where run_id = 1 and client_id = 1",
                "other scores"
            ),
            (
                "update peerfolio.recommendations set rank = 2 where run_id = 1 and client_id = 1",
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
                try RunLog.start(.test(), session: session).writeOneRow(session)
            }
            #expect(try await Self.damage(database) == nil)
            #expect(try await Self.damage(database, channel: "nowhere") == nil)
        }
    }
}
