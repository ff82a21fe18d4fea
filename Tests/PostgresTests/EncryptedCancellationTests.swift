import Foundation
import Postgres
import TestSupport
import Testing

/// Cancelling over TLS, where libpq 15 would send the connection's cancel key in clear.
@Suite(.requiresServer, .requiresTLS) struct EncryptedCancellationTests {
    private static func withConnection(
        _ body: (PostgresConnection, RecordingRelay, TLSCluster) async throws -> Void
    ) async throws {
        try await TLSCluster.with { cluster in
            let relay = try RecordingRelay(to: cluster.port)
            defer { relay.stop() }
            let file = cluster.folder.appendingPathComponent("pgpass")
            let password = Canary.password.replacing("\\", with: "\\\\").replacing(":", with: "\\:")
            try Data("*:*:*:*:\(password)\n".utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
            let conninfo = cluster.conninfo(port: relay.port)
            let settings = try ConnectionSettings(
                conninfo: "\(conninfo) sslrootcert=\(cluster.authority.certificate.path) passfile=\(file.path)")
            let connection = try await PostgresConnection.open(settings)
            try await body(connection, relay, cluster)
            await connection.close()
        }
    }

    @Test func statementsAfterACancelAreIntactAndNoKeyIsSentInClear() async throws {
        try await Self.withConnection { connection, relay, _ in
            try await CancellationTests.expectIntactStatements(
                connection, attempts: 60, longestWait: .milliseconds(40))
            // Every connection asks for TLS first; none is a CancelRequest, whose code is 1234 * 65536 + 5678.
            let beginnings = relay.beginnings
            // A statement that was cancelled before it was sent needs no second connection.
            #expect(beginnings.count > 20)
            #expect(beginnings.allSatisfy { $0 == [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F] })
        }
    }

    /// Sessions of the role that are in the middle of `pg_sleep`.
    private static func sleepers(_ cluster: TLSCluster) async throws -> Int {
        try await cluster.withSession { session in
            let query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND usename = $1"
            return try session.execute(query, [.text(TLSCluster.Role.scram.rawValue)]).rows[0].get(at: 0, as: Int.self)
        }
    }

    @Test func aTimeoutStopsTheStatementOnTheServer() async throws {
        try await Self.withConnection { connection, _, cluster in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withSession { session in
                    session.operationTimeout = .milliseconds(300)
                    try session.execute("SELECT pg_sleep(30)")
                }
            }
            #expect(error?.code == .timeout)
            // Long before it would have ended by itself.
            for _ in 0..<100 where try await Self.sleepers(cluster) > 0 {
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(try await Self.sleepers(cluster) == 0)
        }
    }

    /// As behind a pooler, whose process numbers are its own: nobody is stopped, and the connection is given up.
    @Test func whatCannotBeCancelledIsGivenUp() async throws {
        try await Self.withConnection { connection, _, cluster in
            let task = Task {
                try await connection.withSession { _ = try $0.execute("SELECT pg_sleep(30)") }
            }
            while try await Self.sleepers(cluster) == 0 { try await Task.sleep(for: .milliseconds(10)) }
            // A new connection is refused from now on, and with it the request.
            try await cluster.execute("ALTER ROLE \(TLSCluster.Role.scram.rawValue) NOLOGIN")
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let later = await #expect(throws: PostgresError.self) {
                try await connection.withSession { try $0.execute("SELECT 1") }
            }
            #expect(later?.code == .connectionLost)
        }
    }
}
