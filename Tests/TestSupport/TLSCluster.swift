public import Foundation
public import Postgres

/// A PostgreSQL cluster of its own that listens with TLS on 127.0.0.1, with certificates, good and bad, at hand.
///
/// Where the server was built without TLS, it can be reached by the Unix socket only, as by ``administrator``.
/// Connections to ``host`` with `hostaddr=127.0.0.1` count as connections to another machine. Every role's password is
/// ``Canary/password``.
public struct TLSCluster: Sendable {
    /// The name in the server's certificate.
    public static let host = "db.peerfolio.test"

    /// How the server asks who a role is, by the role's name.
    public enum Role: String, Sendable, CaseIterable {
        /// By a SCRAM password.
        case scram = "asks_scram"
        /// By a password that the server keeps as an MD5 hash.
        case md5 = "asks_md5"
        /// By a password as it is, which the server checks against the hash itself.
        case clear = "asks_clear"
        /// By a certificate.
        case certificate = "asks_certificate"
        /// By both a certificate and a SCRAM password.
        case both = "asks_both"
        /// Not at all.
        case nothing = "asks_nothing"
    }

    /// The folder of everything; anybody may write there.
    public let folder: URL
    /// The port on 127.0.0.1.
    public let port: UInt16
    /// The authority that has signed the server's certificate and those of clients.
    public let authority: Certificates.Pair
    /// An authority that has signed nothing which the server uses at first.
    public let otherAuthority: Certificates.Pair
    /// The certificate of role ``Role/certificate``.
    public let client: Certificates.Pair
    /// The certificate of role ``Role/both``.
    public let bothClient: Certificates.Pair
    private let certificates: Certificates
    private let prefix: [String]

    /// Runs `body` beside a cluster, which is gone afterwards.
    public static func with(_ body: (TLSCluster) async throws -> Void) async throws {
        try await TemporaryFolder.with { folder in
            // PostgreSQL refuses to run as root, and another user must be able to write here then.
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
            let prefix = getuid() == 0 ? ["runuser", "-u", "postgres", "--"] : []
            let cluster = try await TLSCluster(folder: folder, prefix: prefix)
            let bin = try await cluster.create()
            // In the foreground: while a server runs that pg_ctl has started, pg_ctl counts as running for Foundation.
            let start = "exec '\(bin)/postgres' -D '\(cluster.data.path)' 2>'\(cluster.logFile.path)'"
            try await ChildProcess.withRunning(
                URL(fileURLWithPath: "/usr/bin/env"), prefix + ["sh", "-c", start], in: folder
            ) { server in
                do {
                    try await cluster.createRoles()
                    try await body(cluster)
                } catch {
                    try await cluster.stop(server)
                    throw error
                }
                try await cluster.stop(server)
            }
        }
    }

    private init(folder: URL, prefix: [String]) async throws {
        self.folder = folder
        self.prefix = prefix
        port = try FreePort.find()
        certificates = Certificates(in: folder, prefix: prefix)
        authority = try await certificates.authority("authority")
        otherAuthority = try await certificates.authority("other")
        client = try await certificates.leaf("client", subject: Role.certificate.rawValue, signedBy: authority)
        bothClient = try await certificates.leaf("both", subject: Role.both.rawValue, signedBy: authority)
        _ = try await certificates.leaf("server", subject: Self.host, signedBy: authority)
        // What the server can be made to show in place of it.
        _ = try await certificates.leaf("foreign", subject: Self.host, signedBy: otherAuthority)
        _ = try await certificates.leaf("misnamed", subject: "db2.peerfolio.test", signedBy: authority)
        _ = try await certificates.leaf("expired", subject: Self.host, signedBy: authority, days: -1)
    }

    /// A pair of the folder, such as `server`, `foreign`, `misnamed` or `expired`.
    public func pair(_ name: String) -> Certificates.Pair {
        Certificates.Pair(
            certificate: folder.appendingPathComponent("\(name).crt"), key: folder.appendingPathComponent("\(name).key")
        )
    }

    /// Conninfo of a role, as from another machine; without `sslrootcert` and password.
    public func conninfo(_ role: Role = .scram, port: UInt16? = nil) -> String {
        "host=\(Self.host) hostaddr=127.0.0.1 port=\(port ?? self.port) dbname=postgres user=\(role.rawValue)"
    }

    /// Conninfo of the superuser on the Unix socket, where nobody is asked who they are.
    public var administrator: String { "host=\(folder.path) port=\(port) dbname=postgres user=postgres" }

    /// Runs statements as the superuser.
    public func execute(_ sql: String) async throws {
        try await withSession { try $0.executeScript(sql) }
    }

    /// Runs a closure over a connection of the superuser.
    public func withSession<Value: Sendable>(_ body: @Sendable (Session) throws -> Value) async throws -> Value {
        try await PostgresConnection.withSession(ConnectionSettings(conninfo: administrator), body)
    }

    /// Changes settings of the running server, as an administrator would.
    public func reload(_ settings: [String: String]) async throws {
        for (name, value) in settings { try await execute("alter system set \(name) = '\(value)'") }
        try signal(SIGHUP)
        // A new session shows whether the postmaster has read it: it inherits the postmaster's settings.
        let deadline = ContinuousClock.now + .seconds(10)
        for (name, value) in settings {
            while try await setting(name) != value {
                guard ContinuousClock.now < deadline else {
                    throw Command.Failure(description: "the server never took \(name)")
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// What the server has logged.
    public func log() throws -> String {
        String(decoding: try Data(contentsOf: logFile), as: UTF8.self)
    }

    private func setting(_ name: String) async throws -> String? {
        try await withSession { try $0.execute("select current_setting($1)", [.text(name)]).rows[0].values[0] }
    }

    private var data: URL { folder.appendingPathComponent("data") }
    private var logFile: URL { folder.appendingPathComponent("server.log") }

    /// Creates the cluster, and returns the folder of the server's programs: those that the other tests run on.
    private func create() async throws -> String {
        guard let conninfo = TestServer.conninfo else {
            throw PostgresError(code: .connectionFailed, message: "PEERFOLIO_TEST_SERVER is not set")
        }
        let bin = try await PostgresConnection.withSession(ConnectionSettings(conninfo: conninfo)) { session in
            try session.execute("select setting from pg_config where name = 'BINDIR'").rows[0].get(
                at: 0, as: String.self)
        }
        let hasTLS = try await TestServer.hasTLS()
        try await Command.run(
            prefix + ["\(bin)/initdb", "--pgdata=\(data.path)", "--username=postgres", "--auth=trust", "--no-sync"],
            in: folder)
        try await write(
            """
            listen_addresses = '127.0.0.1'
            port = \(port)
            unix_socket_directories = '\(folder.path)'
            ssl = \(hasTLS ? "on" : "off")
            ssl_ca_file = '\(authority.certificate.path)'
            ssl_cert_file = '\(pair("server").certificate.path)'
            ssl_key_file = '\(pair("server").key.path)'
            log_connections = on
            fsync = off
            """, appendedTo: "\(data.path)/postgresql.conf")
        // Without TLS a server does not start with lines about certificates.
        guard hasTLS else {
            try await write("local all all trust", to: "\(data.path)/pg_hba.conf")
            return bin
        }
        try await write(
            """
            local all all trust
            hostssl all \(Role.md5.rawValue) 127.0.0.1/32 md5
            hostssl all \(Role.clear.rawValue) 127.0.0.1/32 password
            hostssl all \(Role.certificate.rawValue) 127.0.0.1/32 cert
            hostssl all \(Role.both.rawValue) 127.0.0.1/32 scram-sha-256 clientcert=verify-full
            hostssl all \(Role.nothing.rawValue) 127.0.0.1/32 trust
            host all all 127.0.0.1/32 scram-sha-256
            """, to: "\(data.path)/pg_hba.conf")
        return bin
    }

    private func createRoles() async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            do {
                try await execute("select 1")
                break
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        let quoted = Canary.password.replacing("'", with: "''")
        for role in Role.allCases {
            try await execute(
                """
                set password_encryption = '\(role == .md5 ? "md5" : "scram-sha-256")';
                create role \(role.rawValue) login password '\(quoted)';
                grant create on database postgres to \(role.rawValue)
                """)
        }
    }

    /// Stops the server at once.
    private func stop(_ server: ChildProcess) async throws {
        try signal(SIGQUIT)
        _ = try await server.outcome(within: .seconds(20))
    }

    private func signal(_ signal: Int32) throws {
        let text = try String(contentsOf: data.appendingPathComponent("postmaster.pid"), encoding: .utf8)
        guard let pid = pid_t(text.prefix { $0.isNumber }), pid > 1 else {
            throw Command.Failure(description: "postmaster.pid holds no process id")
        }
        kill(pid, signal)
    }

    /// Writes a file that belongs to the server's user.
    private func write(_ text: String, to path: String) async throws {
        let copy = folder.appendingPathComponent("configuration")
        try Data("\(text)\n".utf8).write(to: copy)
        try await Command.run(prefix + ["cp", copy.path, path], in: folder)
    }

    private func write(_ text: String, appendedTo path: String) async throws {
        try await write(
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self) + text, to: path)
    }
}
