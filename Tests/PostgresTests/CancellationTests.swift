import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.requiresServer) struct CancellationTests {
    /// Cancels statements at moments spread over a span, most of them while they sleep and some as they end by
    /// themselves; what the connection is asked next is answered each time.
    static func expectIntactStatements(
        _ connection: PostgresConnection, attempts: Int, longestWait: Duration
    ) async throws {
        var cancelledCount = 0
        for attempt in 0..<attempts {
            let sleep = attempt.isMultiple(of: 4) ? longestWait / .seconds(2) : 30
            let task = Task {
                try await connection.withSession { _ = try $0.execute("SELECT pg_sleep($1)", [.double(sleep)]) }
            }
            // 29 and 200 or 60 have no common divisor: the waits differ, and come in no order.
            try await Task.sleep(for: longestWait * (attempt * 29 % attempts) / attempts)
            task.cancel()
            do {
                try await task.value
            } catch is CancellationError {
                cancelledCount += 1
            }
            let value = try await connection.withSession { session in
                try session.execute("SELECT $1::bigint", [.bigint(Int64(attempt))]).rows[0].get(at: 0, as: Int.self)
            }
            #expect(value == attempt)
        }
        #expect(cancelledCount >= attempts * 3 / 4)
    }

    @Test func statementsAfterACancelAreIntact() async throws {
        try await TestServer.withConnection { connection in
            try await Self.expectIntactStatements(connection, attempts: 200, longestWait: .milliseconds(8))
        }
    }

    @Test func statementTimeoutIsAnErrorAndNotACancellation() async throws {
        try await TestServer.withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withSession { session in
                    try session.transaction(.readWrite.setting("statement_timeout", "50ms")) { session in
                        _ = try session.execute("SELECT pg_sleep(30)")
                    }
                }
            }
            #expect(error?.sqlState == "57014")
            #expect(error?.description.contains("statement_timeout") == true)
        }
    }

    @Test func aCancelledTransactionRollsBack() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { try $0.executeScript("CREATE TABLE t (n int)") }
            let task = Task {
                try await connection.withSession { session in
                    try session.transaction { session in
                        try session.execute("INSERT INTO t VALUES (1)")
                        try session.execute("SELECT pg_sleep(30)")
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(100))
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
            let rows = try await connection.withSession { try $0.execute("SELECT * FROM t").rows.count }
            #expect(rows == 0)
        }
    }

    @Test(arguments: [
        "COPY (SELECT generate_series(1, 1000000000)) TO STDOUT", "COPY (SELECT pg_sleep(30)) TO STDOUT",
    ])
    func copyOutStops(sql: String) async throws {
        try await TestServer.withConnection { connection in
            let task = Task { try await connection.withSession { try $0.copyOut(sql) { _ in } } }
            try await Task.sleep(for: .milliseconds(100))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let value = try await connection.withSession { try $0.execute("SELECT 7").rows[0].get(at: 0, as: Int.self) }
            #expect(value == 7)
        }
    }

    @Test func copyInStops() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { try $0.executeScript("CREATE TABLE t (n int)") }
            let task = Task {
                try await connection.withSession { session in
                    try session.copyIn("COPY t FROM STDIN") { writer in
                        while true { try Array("1\n".utf8).withUnsafeBytes(writer.write) }
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(100))
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
            let rows = try await connection.withSession { try $0.execute("SELECT * FROM t").rows.count }
            #expect(rows == 0)
        }
    }

    @Test func aCopyInThatWaitsForALockStops() async throws {
        try await TestServer.withDatabase { conninfo in
            let settings = try ConnectionSettings(conninfo: conninfo)
            let (loader, blocker) = try await (PostgresConnection.open(settings), PostgresConnection.open(settings))
            try await loader.withSession { try $0.executeScript("CREATE TABLE t (n int PRIMARY KEY)") }
            let (inserted, signal) = AsyncStream<Void>.makeStream()
            let blocking = Task {
                try await blocker.withSession { session in
                    try session.transaction { session in
                        try session.execute("INSERT INTO t VALUES (1)")
                        signal.yield()
                        try session.execute("SELECT pg_sleep(600)")
                    }
                }
            }
            for await _ in inserted { break }
            let lines = Array((1...2_000_000).map { "\($0)\n" }.joined().utf8)
            let task = Task {
                try await loader.withSession { session in
                    try session.copyIn("COPY t FROM STDIN") { writer in
                        try lines.withUnsafeBytes(writer.write)
                    }
                }
            }
            // The lines that the server does not take any more fill the socket meanwhile.
            let isWaiting =
                "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            try await PostgresConnection.withSession(settings) { session in
                while try session.execute(isWaiting).rows.isEmpty { try session.execute("SELECT pg_sleep(0.01)") }
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
            let value = try await loader.withSession { try $0.execute("SELECT 7").rows[0].get(at: 0, as: Int.self) }
            #expect(value == 7)
            blocking.cancel()
            _ = try? await blocking.value
        }
    }

    @Test func aTaskCancelledBeforehandDoesNothing() async throws {
        try await TestServer.withConnection { connection in
            let task = Task {
                try? await Task.sleep(for: .seconds(30))
                return try await connection.withSession { try $0.execute("CREATE TABLE t (n int)").rows.count }
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
            let row = try await connection.withSession { try $0.execute("SELECT to_regclass('t')::text").rows[0] }
            #expect(row.values == [nil])
        }
    }

    @Test func manyWaitingConnectionsLeaveTheCPUToOthers() async throws {
        try await TestServer.withDatabase { conninfo in
            let settings = try ConnectionSettings(conninfo: conninfo)
            var connections: [PostgresConnection] = []
            for _ in 0..<60 {
                connections.append(try await PostgresConnection.open(settings))
            }
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for connection in connections {
                    group.addTask {
                        try await connection.withSession { _ = try $0.execute("SELECT pg_sleep(0.3)") }
                    }
                }
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<100 { await Task.yield() }
                    }
                }
                try await group.waitForAll()
            }
            // One after the other they would take 18 s.
            #expect(ContinuousClock.now - start < .seconds(9))
            for connection in connections {
                await connection.close()
            }
        }
    }
}
