import Foundation

/// PgBouncer in transaction mode in front of a server, on a Unix socket in a folder of its own.
public struct PgBouncer: Sendable {
    /// What PgBouncer itself did not do as expected.
    public struct Failure: Error, CustomStringConvertible {
        /// What happened.
        public let description: String
    }

    /// A server behind the pooler, on a Unix socket.
    public struct Server: Sendable {
        let folder: String
        let port: Int
        let users: [String: String]

        /// Names a server.
        ///
        /// - Parameters:
        ///   - folder: Where its socket is.
        ///   - port: The number in the socket's name.
        ///   - users: Passwords of the roles that may connect; all empty where the server asks for none.
        public init(folder: String, port: Int, users: [String: String]) {
            (self.folder, self.port, self.users) = (folder, port, users)
        }
    }

    private static let port = 6432
    private static let places = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"]

    /// Whether PgBouncer is installed.
    public static var isInstalled: Bool { binary != nil }

    private static var binary: String? { places.first(where: FileManager.default.isExecutableFile(atPath:)) }

    private let folder: URL
    private let binary: String

    /// Runs `body` beside a PgBouncer.
    ///
    /// - Parameter settings: More lines for the section `[pgbouncer]` of its configuration.
    public static func with<Value: Sendable>(
        _ server: Server, settings: String = "", _ body: (PgBouncer) async throws -> Value
    ) async throws -> Value {
        guard let binary else {
            throw Failure(description: "no pgbouncer, which these tests need; run scripts/prepare --test")
        }
        return try await TemporaryFolder.with { folder in
            // PgBouncer refuses to run as root, and another user must be able to write here then.
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
            let bouncer = PgBouncer(folder: folder, binary: binary)
            try bouncer.configure(server, settings)
            return try await bouncer.whileRunning { try await body(bouncer) }
        }
    }

    /// Host and port of the pooler, for a conninfo.
    public var route: String { "host=\(folder.path) port=\(Self.port)" }

    // MARK: The process

    /// Starts it, and stops it after `body`; also for one that `kill` has ended.
    public func whileRunning<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let command = [binary, folder.appendingPathComponent("pgbouncer.ini").path]
        let asOther = getuid() == 0 ? ["/usr/sbin/runuser", "-u", "postgres", "--"] : []
        let all = asOther + command
        return try await ChildProcess.withRunning(URL(fileURLWithPath: all[0]), Array(all.dropFirst()), in: folder) {
            process in
            try await process.waitForError(containing: "process up", within: .seconds(20))
            let result: Result<Value, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            // At once, whatever clients are connected.
            signal(SIGTERM)
            _ = try await process.outcome(within: .seconds(20))
            return try result.get()
        }
    }

    /// Ends it without a word, and every connection through it.
    public func kill() {
        signal(SIGKILL)
        // A number that may be another process's by the time somebody else reads it.
        try? FileManager.default.removeItem(at: processFile)
    }

    private var processFile: URL { folder.appendingPathComponent("pgbouncer.pid") }

    /// Sends a signal to the process that the pid file names: the child is `runuser` where the tests run as root.
    private func signal(_ number: Int32) {
        let text = (try? String(contentsOf: processFile, encoding: .utf8)) ?? ""
        guard let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), pid > 1 else { return }
        Foundation.kill(pid, number)
    }

    // MARK: Configuration

    private func configure(_ server: Server, _ settings: String) throws {
        let configuration = """
            [databases]
            * = host=\(server.folder) port=\(server.port)
            [pgbouncer]
            pool_mode = transaction
            unix_socket_dir = \(folder.path)
            listen_port = \(Self.port)
            auth_type = \(server.users.values.allSatisfy(\.isEmpty) ? "trust" : "scram-sha-256")
            auth_file = \(users.path)
            pidfile = \(processFile.path)
            default_pool_size = 4
            \(settings)
            """
        try Data(configuration.utf8).write(to: folder.appendingPathComponent("pgbouncer.ini"))
        try Data(server.users.map { "\"\($0)\" \"\($1)\"\n" }.joined().utf8).write(to: users)
        var attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        if getuid() == 0 { attributes[.ownerAccountName] = "postgres" }
        try FileManager.default.setAttributes(attributes, ofItemAtPath: users.path)
    }

    private var users: URL { folder.appendingPathComponent("users.txt") }
}
