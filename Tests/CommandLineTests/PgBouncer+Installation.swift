import TestSupport

extension PgBouncer {
    /// Runs `body` beside a PgBouncer in front of the test server.
    static func with(
        _ installation: Installation, settings: String = "", _ body: (PgBouncer) async throws -> Void
    ) async throws {
        let row = try await installation.rows(
            """
            select trim(split_part(current_setting('unix_socket_directories'), ',', 1)), current_setting('port'),
                   current_user
            """)[0].map { $0 ?? "" }
        let users = [Installation.serviceRole, Installation.readerRole, row[2]]
        let server = Server(
            folder: row[0], port: Int(row[1]) ?? 0, users: Dictionary(uniqueKeysWithValues: users.map { ($0, "") }))
        try await with(server, settings: settings) { try await body($0) }
    }

    /// Conninfo of a role's connection through the pooler.
    func conninfo(_ installation: Installation, role: String = Installation.serviceRole) async throws -> String {
        let database = try await installation.value("select current_database()")
        return "\(route) dbname=\(database) user=\(role)"
    }
}
