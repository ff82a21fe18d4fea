import Foundation
import Postgres
import TestSupport

/// Where PostgreSQL's own programs are, and how to run them: the server refuses to run as root.
struct ServerTools: Sendable {
    /// Folder with `initdb`, `pg_ctl` and `pg_basebackup`.
    let bin: URL
    /// The checkout, for the program under test.
    let checkout: URL

    private var isRoot: Bool { geteuid() == 0 }

    /// The user that servers run as; nil for the one who runs the harness.
    var user: String? { isRoot ? "postgres" : nil }

    /// Runs one of PostgreSQL's programs as the server's user.
    ///
    /// - Parameter namespace: The network namespace to run it in; needs root.
    @discardableResult
    func run(
        _ tool: String, _ arguments: [String], in folder: URL, namespace: String? = nil,
        within limit: Duration = .seconds(60)
    ) async throws -> ChildProcess.Outcome {
        var words = [bin.appendingPathComponent(tool).path] + arguments
        if let user { words = ["runuser", "-u", user, "--"] + words }
        if let namespace { words = ["ip", "netns", "exec", namespace] + words }
        return try await shell(words, in: folder, within: limit)
    }

    /// Runs a command that must succeed.
    @discardableResult
    func shell(
        _ words: [String], in folder: URL, within limit: Duration = .seconds(60)
    ) async throws -> ChildProcess.Outcome {
        let outcome = try await ChildProcess.run(
            URL(fileURLWithPath: "/usr/bin/env"), words, environment: ["PATH": Self.path], in: folder, within: limit)
        guard outcome.ending == .exit(0) else {
            throw Failure("\(words.joined(separator: " ")) ended with \(outcome.ending): \(outcome.errors)")
        }
        return outcome
    }

    private static let path = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin") + ":/usr/sbin:/sbin"

    /// Gives a folder to the server's user.
    func handOver(_ folder: URL) async throws {
        if let user { try await shell(["chown", user, folder.path], in: folder.deletingLastPathComponent()) }
    }
}

/// Something that the harness itself could not do; never a finding about the program under test.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A connection that is kept from one question to the next, and opened again when it has been lost.
actor KeptConnection {
    private let conninfo: String
    private var connection: PostgresConnection?

    init(_ conninfo: String) {
        self.conninfo = conninfo
    }

    /// Runs a closure that may run twice: questions, not changes.
    func withSession<Value: Sendable>(_ body: @Sendable (Session) throws -> Value) async throws -> Value {
        if let connection {
            do {
                return try await connection.withSession(body)
            } catch let error as PostgresError where error.code == .connectionLost {
                self.connection = nil
            }
        }
        let opened = try await PostgresConnection.open(
            ConnectionSettings(conninfo: conninfo, applicationName: "harness"))
        connection = opened
        return try await opened.withSession(body)
    }
}

/// A private PostgreSQL cluster in a folder of its own, reached over a Unix socket.
struct Cluster: Sendable {
    /// How `pg_ctl` stops a server.
    enum StopMode: String {
        /// Ends sessions and shuts down in order.
        case fast
        /// A crash: the next start recovers from WAL.
        case immediate
    }

    let tools: ServerTools
    /// Holds `data`, the log and the socket.
    let folder: URL
    /// Names the socket, and the TCP port where the cluster listens on one; every cluster has a folder or a network of
    /// its own.
    let port = 55_440
    /// The network namespace that the server lives in; nil for the machine's own.
    var namespace: String?

    var data: URL { folder.appendingPathComponent("data") }
    var log: URL { folder.appendingPathComponent("server.log") }

    /// Conninfo of the superuser; the database is still to be named.
    var administrator: String { "host=\(folder.path) port=\(port) user=postgres" }

    /// Makes a cluster with `initdb`.
    static func initialize(_ tools: ServerTools, in folder: URL) async throws -> Cluster {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try await tools.handOver(folder)
        let cluster = Cluster(tools: tools, folder: folder)
        try await tools.run(
            "initdb",
            [
                "--pgdata=\(cluster.data.path)", "--username=postgres", "--auth=trust", "--locale=C.UTF-8",
                "--encoding=UTF8", "--no-sync",
            ], in: folder)
        try cluster.configure(
            """
            port = \(cluster.port)
            unix_socket_directories = '\(folder.path)'
            listen_addresses = ''
            max_connections = 120
            # What has been answered must survive the crashes that the harness makes; the machine itself stays up.
            synchronous_commit = on
            fsync = off
            full_page_writes = on
            wal_level = logical
            # Half-open connections end within seconds, and waits for locks show in the log.
            tcp_keepalives_idle = 2
            tcp_keepalives_interval = 1
            tcp_keepalives_count = 3
            tcp_user_timeout = 5s
            client_connection_check_interval = 1s
            deadlock_timeout = 10ms
            log_lock_waits = on
            log_line_prefix = '%m [%p] %a '
            autovacuum_naptime = 5s
            """)
        // The service logs in with a password, which must then show nowhere.
        let rules = """
            local all \(Testbed.serviceRole) scram-sha-256
            host all all 0.0.0.0/0 scram-sha-256
            local all all trust
            local replication all trust
            """
        try Data(rules.utf8).write(to: cluster.data.appendingPathComponent("pg_hba.conf"))
        return cluster
    }

    /// Makes a copy of a stopped cluster.
    ///
    /// - Parameter namespace: The network namespace that the copy's server will live in.
    func copy(to folder: URL, namespace: String? = nil) async throws -> Cluster {
        try await tools.shell(["cp", "-a", self.folder.path, folder.path], in: self.folder)
        let copy = Cluster(tools: tools, folder: folder, namespace: namespace)
        try copy.configure("unix_socket_directories = '\(folder.path)'")
        return copy
    }

    /// Adds lines to the server's configuration; the last of two for a setting counts.
    func configure(_ lines: String) throws {
        let file = try FileHandle(forWritingTo: data.appendingPathComponent("postgresql.conf"))
        try file.seekToEnd()
        try file.write(contentsOf: Data("\(lines)\n".utf8))
        try file.close()
    }

    func start() async throws {
        try await control(["-l", log.path, "-w", "-s", "start"])
    }

    func stop(_ mode: StopMode = .fast) async throws {
        try await control(["-m", mode.rawValue, "-w", "-s", "stop"])
    }

    /// Stops the server, in order or by a crash, and starts it again.
    func restart(_ mode: StopMode) async throws {
        try await control(["-m", mode.rawValue, "-l", log.path, "-w", "-s", "restart"])
    }

    /// Makes a standby the primary.
    func promote() async throws {
        try await control(["-w", "-s", "promote"])
    }

    private func control(_ arguments: [String]) async throws {
        try await tools.run("pg_ctl", ["-D", data.path] + arguments, in: folder, namespace: namespace)
    }

    /// Whether a server works in the data folder.
    var isRunning: Bool {
        guard let text = try? String(contentsOf: data.appendingPathComponent("postmaster.pid"), encoding: .utf8),
            let pid = text.split(separator: "\n").first
        else { return false }
        let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")
        return place == data.path
    }

    /// How many waits of more than 10 ms for a lock the server has logged for an application (R6).
    func lockWaits(of application: String) throws -> Int {
        try logged { $0.contains("] \(application) LOG:") && $0.contains("still waiting for") }
    }

    /// How many deadlocks the server has logged.
    func deadlocks() throws -> Int {
        try logged { $0.contains("ERROR:  deadlock detected") }
    }

    private func logged(_ isMeant: (Substring) -> Bool) throws -> Int {
        let text = String(decoding: try Data(contentsOf: log), as: UTF8.self)
        return text.split(separator: "\n").count(where: isMeant)
    }

    // MARK: SQL

    /// Runs a closure over a new connection of the superuser.
    func withSession<Value: Sendable>(
        _ database: String, _ body: @Sendable (Session) throws -> Value
    ) async throws -> Value {
        try await Self.withSession("\(administrator) dbname=\(database)", body)
    }

    /// Runs a closure over a new connection.
    static func withSession<Value: Sendable>(
        _ conninfo: String, applicationName: String = "harness", _ body: @Sendable (Session) throws -> Value
    ) async throws -> Value {
        try await PostgresConnection.withSession(
            ConnectionSettings(conninfo: conninfo, applicationName: applicationName), body)
    }
}
