import Foundation
import Postgres
import TestSupport

/// PgBouncer in transaction mode in front of the test server, on a Unix socket in a folder of its own.
struct PgBouncer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let port = 6432
    private let folder: URL

    /// Runs `body` beside a PgBouncer.
    static func with(_ installation: Installation, _ body: (PgBouncer) async throws -> Void) async throws {
        let places = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"]
        guard let binary = places.first(where: FileManager.default.isExecutableFile(atPath:)) else {
            throw Failure(description: "no pgbouncer, which these tests need; run scripts/prepare --test")
        }
        try await TemporaryFolder.with { folder in
            // PgBouncer refuses to run as root, and another user must be able to write here then.
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
            let bouncer = PgBouncer(folder: folder)
            try await bouncer.configure(installation)
            let command = [binary, folder.appendingPathComponent("pgbouncer.ini").path]
            let asOther = getuid() == 0 ? ["/usr/sbin/runuser", "-u", "postgres", "--"] : []
            let all = asOther + command
            try await ChildProcess.withRunning(URL(fileURLWithPath: all[0]), Array(all.dropFirst()), in: folder) {
                process in
                try await process.waitForError(containing: "process up", within: .seconds(20))
                do {
                    try await body(bouncer)
                } catch {
                    try await bouncer.stop(process)
                    throw error
                }
                try await bouncer.stop(process)
            }
        }
    }

    /// Conninfo of a role's connection through the pooler.
    func conninfo(_ installation: Installation, role: String = Installation.serviceRole) async throws -> String {
        let database = try await installation.value("select current_database()")
        return "host=\(folder.path) port=\(Self.port) dbname=\(database) user=\(role)"
    }

    private func configure(_ installation: Installation) async throws {
        let server = try await installation.rows(
            """
            select trim(split_part(current_setting('unix_socket_directories'), ',', 1)), current_setting('port'),
                   current_user
            """)[0].map { $0 ?? "" }
        let configuration = """
            [databases]
            * = host=\(server[0]) port=\(server[1])
            [pgbouncer]
            pool_mode = transaction
            unix_socket_dir = \(folder.path)
            listen_port = \(Self.port)
            auth_type = trust
            auth_file = \(folder.path)/users.txt
            pidfile = \(folder.path)/pgbouncer.pid
            default_pool_size = 4
            """
        let users = [Installation.serviceRole, Installation.readerRole, server[2]]
        try Data(configuration.utf8).write(to: folder.appendingPathComponent("pgbouncer.ini"))
        try Data(users.map { "\"\($0)\" \"\"\n" }.joined().utf8).write(to: folder.appendingPathComponent("users.txt"))
    }

    private func stop(_ process: ChildProcess) async throws {
        let text = try String(contentsOf: folder.appendingPathComponent("pgbouncer.pid"), encoding: .utf8)
        guard let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), pid > 1 else {
            throw Failure(description: "pgbouncer's pid file holds no process id")
        }
        // At once, whatever clients are connected.
        kill(pid, SIGTERM)
        _ = try await process.outcome(within: .seconds(20))
    }
}
