import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.requiresServer) struct NetworkFaultTests {
    /// Runs `body` with a proxy in front of the server and a connection through it.
    private func withProxy(
        _ body: (FaultProxy, PostgresConnection, _ direct: PostgresConnection) async throws -> Void
    ) async throws {
        try await TestServer.withDatabase { conninfo in
            let direct = try await PostgresConnection.open(ConnectionSettings(conninfo: conninfo))
            let (socketPath, database) = try await direct.withSession { session in
                let row = try session.execute(
                    """
                    SELECT split_part(current_setting('unix_socket_directories'), ',', 1)
                           || '/.s.PGSQL.' || current_setting('port'), current_database()
                    """
                ).rows[0]
                return (try row.get(at: 0, as: String.self), try row.get(at: 1, as: String.self))
            }
            let proxy = try FaultProxy(socketPath: socketPath)
            defer { proxy.stop() }
            let settings = try ConnectionSettings(
                conninfo: "host=127.0.0.1 port=\(proxy.port) user=postgres sslmode=disable dbname=\(database)",
                operationTimeout: .milliseconds(700)
            )
            let connection = try await PostgresConnection.open(settings)
            try await body(proxy, connection, direct)
            await connection.close()
            await direct.close()
        }
    }

    /// Runs `work`, which must end in `code` long before a network's own limits, and checks that the connection is closed then.
    private func expect(
        _ code: PostgresError.Code,
        on connection: PostgresConnection,
        _ work: @escaping @Sendable (Session) throws -> Void
    ) async {
        let start = ContinuousClock.now
        let error = await #expect(throws: PostgresError.self) { try await connection.withSession(work) }
        #expect(error?.code == code)
        #expect(ContinuousClock.now - start < .seconds(15))
        let later = await #expect(throws: PostgresError.self) {
            try await connection.withSession { try $0.execute("SELECT 1") }
        }
        #expect(later?.code == .connectionLost)
    }

    @Test func aSilentPeerAtConnect() async throws {
        let listener = try FaultProxy(socketPath: nil)
        defer { listener.stop() }
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.open(
                ConnectionSettings(
                    conninfo: "host=127.0.0.1 port=\(listener.port) user=u dbname=d",
                    connectTimeout: .milliseconds(300)
                )
            )
        }
        #expect(error?.code == .timeout)
        #expect(error?.isRetryable == true)
    }

    @Test func connectingCanBeCancelled() async throws {
        let listener = try FaultProxy(socketPath: nil)
        defer { listener.stop() }
        let conninfo = "host=127.0.0.1 port=\(listener.port) user=u dbname=d"
        let task = Task {
            try await PostgresConnection.open(ConnectionSettings(conninfo: conninfo, connectTimeout: .seconds(30)))
        }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
    }

    @Test func silenceDuringAStatement() async throws {
        try await withProxy { proxy, connection, _ in
            proxy.setFault(.silence)
            await expect(.timeout, on: connection) { _ = try $0.execute("SELECT 1") }
        }
    }

    @Test func anAnswerThatNeverEndsIsNotWaitedForEither() async throws {
        try await withProxy { _, connection, _ in
            await expect(.timeout, on: connection) { session in
                session.operationTimeout = .milliseconds(100)
                try session.execute("SELECT generate_series(1, 1000000000)")
            }
        }
    }

    @Test func aTimeoutStopsTheStatementOnTheServer() async throws {
        try await withProxy { _, connection, direct in
            await expect(.timeout, on: connection) { _ = try $0.execute("SELECT pg_sleep(30)") }
            let query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = $1"
            let count = try await direct.withSession { session in
                try session.execute("SELECT pg_sleep(0.2)")
                return try session.execute(query, ["PgSleep"]).rows[0].get(at: 0, as: Int.self)
            }
            #expect(count == 0)
        }
    }

    @Test func silenceDuringCopyOut() async throws {
        try await withProxy { proxy, connection, _ in
            await expect(.timeout, on: connection) { session in
                var messageCount = 0
                try session.copyOut("COPY (SELECT generate_series(1, 100000000)) TO STDOUT") { _ in
                    messageCount += 1
                    if messageCount == 1000 { proxy.setFault(.silence) }
                }
            }
        }
    }

    @Test func silenceDuringCopyIn() async throws {
        try await withProxy { proxy, connection, _ in
            await expect(.timeout, on: connection) { session in
                try session.executeScript("CREATE TABLE t (n int)")
                let lines = Array(String(repeating: "1\n", count: 100_000).utf8)
                _ = try session.copyIn("COPY t FROM STDIN") { writer in
                    for index in 0..<1000 {
                        try lines.withUnsafeBytes(writer.write)
                        if index == 3 { proxy.setFault(.silence) }
                    }
                }
            }
        }
    }

    @Test func silenceAtTheEndOfCopyIn() async throws {
        try await withProxy { proxy, connection, _ in
            await expect(.timeout, on: connection) { session in
                try session.executeScript("CREATE TABLE t (n int)")
                _ = try session.copyIn("COPY t FROM STDIN") { _ in proxy.setFault(.silence) }
            }
        }
    }

    @Test(arguments: [true, false])
    func aLostAnswerToCommitIsUnknown(isCommitted: Bool) async throws {
        try await withProxy { proxy, connection, direct in
            try await direct.withSession { try $0.executeScript("CREATE TABLE t (n int)") }
            proxy.setFault(isCommitted ? .hangUpAfter("COMMIT\0") : .hangUpBefore("COMMIT\0"))
            await expect(.commitOutcomeUnknown, on: connection) { session in
                try session.transaction { _ = try $0.execute("INSERT INTO t VALUES (1)") }
            }
            let rows = try await direct.withSession { try $0.execute("SELECT * FROM t").rows.count }
            #expect(rows == (isCommitted ? 1 : 0))
        }
    }

    @Test func silenceAtCommitIsUnknown() async throws {
        try await withProxy { proxy, connection, _ in
            await expect(.commitOutcomeUnknown, on: connection) { session in
                try session.transaction { _ in proxy.setFault(.silence) }
            }
        }
    }

    @Test func silenceInABodyThatThrowsKeepsTheBodysError() async throws {
        struct BodyError: Error {}
        try await withProxy { proxy, connection, _ in
            await #expect(throws: BodyError.self) {
                try await connection.withSession { session in
                    try session.transaction { _ in
                        proxy.setFault(.silence)
                        throw BodyError()
                    }
                }
            }
            let later = await #expect(throws: PostgresError.self) { try await connection.withSession { _ in } }
            #expect(later?.code == .connectionLost)
        }
    }

    /// States of a connection in which the server may end it.
    @Test(arguments: ["idle", "transaction", "statement", "copy out", "copy in"])
    func anEndedServerProcess(state: String) async throws {
        try await withProxy { _, connection, direct in
            try await direct.withSession { try $0.executeScript("CREATE TABLE t (n int)") }
            let pid = try await connection.withSession { $0.backendPID }
            let terminate: @Sendable () -> Void = {
                let done = DispatchSemaphore(value: 0)
                Task {
                    try await direct.withSession { session in
                        _ = try session.execute("SELECT pg_terminate_backend($1, 2000)", [.integer(pid)])
                    }
                    done.signal()
                }
                done.wait()
            }
            let code: PostgresError.Code = .connectionLost
            switch state {
            case "idle":
                await expect(code, on: connection) { session in
                    // Only the end of the connection may end these, however slow the machine is.
                    session.operationTimeout = .seconds(30)
                    terminate()
                    try session.execute("SELECT 1")
                }
            case "transaction":
                await expect(code, on: connection) { session in
                    session.operationTimeout = .seconds(30)
                    try session.transaction { session in
                        terminate()
                        try session.execute("SELECT 1")
                    }
                }
            case "statement":
                await expect(code, on: connection) { session in
                    session.operationTimeout = .seconds(30)
                    try session.execute("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(30)")
                }
            case "copy out":
                await expect(code, on: connection) { session in
                    session.operationTimeout = .seconds(30)
                    var messageCount = 0
                    try session.copyOut("COPY (SELECT generate_series(1, 100000000)) TO STDOUT") { _ in
                        messageCount += 1
                        if messageCount == 1000 { terminate() }
                    }
                }
            default:
                await expect(code, on: connection) { session in
                    session.operationTimeout = .seconds(30)
                    _ = try session.copyIn("COPY t FROM STDIN") { writer in
                        try Array("1\n".utf8).withUnsafeBytes(writer.write)
                        terminate()
                        try Array("1\n".utf8).withUnsafeBytes(writer.write)
                    }
                }
            }
        }
    }
}
