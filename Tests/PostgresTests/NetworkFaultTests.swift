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

    @Test func aHostThatSwallowsEverythingIsLeftForTheNext() async throws {
        let hole = try BlackHole()
        defer { hole.close() }
        try await TestServer.withDatabase { conninfo in
            let place = try await PostgresConnection.open(ConnectionSettings(conninfo: conninfo)).withSession {
                try $0.execute(
                    """
                    SELECT split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port')
                    """
                ).rows[0].values.map { $0 ?? "" }
            }
            func connect(_ hosts: String, _ ports: String) async throws -> PostgresConnection {
                try await PostgresConnection.open(
                    ConnectionSettings(
                        conninfo: "\(conninfo) host=\(hosts) port=\(ports)", connectTimeout: .milliseconds(300)))
            }
            let connection = try await connect("127.0.0.1,\(place[0])", "\(hole.port),\(place[1])")
            #expect(try await connection.withSession { try $0.execute("SELECT 1").rows.count } == 1)
            await connection.close()
            for (hosts, ports) in [("127.0.0.1", "\(hole.port)"), ("127.0.0.1,127.0.0.1", "\(hole.port),1")] {
                let error = await #expect(throws: PostgresError.self) { try await connect(hosts, ports) }
                #expect(error?.code == .timeout)
                #expect(error?.message == "no connection within 0.3 seconds; check host, port and firewall")
            }
        }
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
            try await direct.withSession { session in
                // Long before it would have ended by itself.
                for _ in 0..<100 where try session.execute(query, ["PgSleep"]).rows[0].get(at: 0, as: Int.self) > 0 {
                    try session.execute("SELECT pg_sleep(0.1)")
                }
                let count = try session.execute(query, ["PgSleep"]).rows[0].get(at: 0, as: Int.self)
                #expect(count == 0)
            }
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
                    defer { done.signal() }
                    try await direct.withSession { session in
                        // PostgreSQL 13 cannot wait for the end itself.
                        try session.executeScript(
                            """
                            DO $$ BEGIN
                                PERFORM pg_terminate_backend(\(pid));
                                FOR moment IN 1..200 LOOP
                                    PERFORM pg_stat_clear_snapshot();
                                    EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(pid));
                                    PERFORM pg_sleep(0.01);
                                END LOOP;
                            END $$
                            """)
                    }
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

/// A port on 127.0.0.1 that answers nobody: its queue of connections is full, so the kernel drops further attempts.
private struct BlackHole {
    private let descriptors: [Int32]
    let port: UInt16

    init() throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var descriptors = [listener]
        let isOpen = withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            guard bind(listener, pointer, length) == 0, listen(listener, 0) == 0,
                getsockname(listener, pointer, &length) == 0
            else { return false }
            for _ in 0..<4 {
                let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
                _ = connect(client, pointer, length)
                descriptors.append(client)
            }
            return true
        }
        self.descriptors = descriptors
        port = UInt16(bigEndian: address.sin_port)
        guard isOpen else { throw POSIXError(.EADDRNOTAVAIL) }
    }

    func close() {
        for descriptor in descriptors { Glibc.close(descriptor) }
    }
}
