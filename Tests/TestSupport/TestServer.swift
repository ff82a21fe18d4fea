import Foundation
public import Postgres
public import Testing

/// The throwaway PostgreSQL cluster that integration tests run on.
public enum TestServer {
    /// The conninfo of the cluster's superuser, from `PEERFOLIO_TEST_SERVER`, or `nil` without a cluster.
    public static var conninfo: String? {
        ProcessInfo.processInfo.environment["PEERFOLIO_TEST_SERVER"]
    }

    /// All tests start at once; this many databases at a time stay below the server's `max_connections`.
    private static let turnstile = Turnstile(places: 8)

    /// Runs `body` with the conninfo of a new, empty database, and drops that database afterwards.
    ///
    /// - Throws: What `body` throws, or why the database could not be created.
    public static func withDatabase(
        encoding: String = "UTF8",
        _ body: (_ conninfo: String) async throws -> Void
    ) async throws {
        try await atTurnstile {
            try await runWithDatabase("TEMPLATE template0 ENCODING '\(encoding)' LC_COLLATE 'C' LC_CTYPE 'C'", body)
        }
    }

    /// Runs `body` with a new database in which Peerfolio is installed, and drops that database afterwards.
    ///
    /// It has a schema `dwh`, whose tables `TestDatabase.Role.runner` may read.
    ///
    /// - Parameters:
    ///   - clientType: SQL type of client ids: `bigint`, `numeric`, `text` or `uuid`.
    ///   - productType: SQL type of product ids.
    ///   - encoding: The database's encoding.
    ///   - body: The test.
    public static func withMigratedDatabase(
        clientType: String = "bigint",
        productType: String = "text",
        encoding: String = "UTF8",
        _ body: (TestDatabase) async throws -> Void
    ) async throws {
        try await atTurnstile {
            let kind = TemplateDatabases.Kind(clientType: clientType, productType: productType, encoding: encoding)
            let template = try await TemplateDatabases.shared.name(of: kind, administrator: requireConninfo())
            try await runWithDatabase("TEMPLATE \(template)") { try await body(TestDatabase(conninfo: $0)) }
        }
    }

    /// The server's version as a number, such as 130004 for 13.4.
    public static func version() async throws -> Int {
        try await PostgresConnection.withSession(ConnectionSettings(conninfo: requireConninfo())) { $0.serverVersion }
    }

    /// Whether the server was built with TLS.
    static func hasTLS() async throws -> Bool {
        try await PostgresConnection.withSession(ConnectionSettings(conninfo: requireConninfo())) { session in
            try session.execute("select setting <> '' from pg_settings where name = 'ssl_library'").rows[0].get(at: 0)
        }
    }

    static func hasExtension(_ name: String) async throws -> Bool {
        try await PostgresConnection.withSession(ConnectionSettings(conninfo: requireConninfo())) { session in
            try session.execute(
                "select exists (select from pg_available_extensions where name = $1)", [.text(name)]
            ).rows[0].get(at: 0)
        }
    }

    private static func atTurnstile(_ body: () async throws -> Void) async throws {
        await turnstile.enter()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        await turnstile.leave()
        try result.get()
    }

    private static func requireConninfo() throws -> String {
        guard let conninfo else {
            throw PostgresError(code: .connectionFailed, message: "PEERFOLIO_TEST_SERVER is not set")
        }
        return conninfo
    }

    private static func runWithDatabase(
        _ options: String,
        _ body: (_ conninfo: String) async throws -> Void
    ) async throws {
        let conninfo = try requireConninfo()
        let name = "test_" + UUID().uuidString.lowercased().filter { $0 != "-" }
        let administrator = try await PostgresConnection.open(ConnectionSettings(conninfo: conninfo))
        try await administrator.withSession { session in
            try session.executeScript("CREATE DATABASE \(name) \(options)")
        }
        let result: Result<Void, any Error>
        do {
            try await body("\(conninfo) dbname=\(name)")
            result = .success(())
        } catch {
            result = .failure(error)
        }
        // In a task of its own, since the test's task may have been cancelled.
        try await Task {
            try await administrator.withSession { try $0.executeScript("DROP DATABASE \(name) WITH (FORCE)") }
            await administrator.close()
        }.value
        try result.get()
    }

    /// Runs `body` with a connection to a new, empty database, and drops that database afterwards.
    public static func withConnection(
        _ body: (PostgresConnection) async throws -> Void
    ) async throws {
        try await withDatabase { conninfo in
            let connection = try await PostgresConnection.open(ConnectionSettings(conninfo: conninfo))
            try await body(connection)
            await connection.close()
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test where there is no server to run it on.
    public static var requiresServer: Self {
        .enabled(if: TestServer.conninfo != nil, "needs a server: run scripts/test")
    }

    /// Skips a test of what an older server does not have.
    ///
    /// - Parameter major: The first version of PostgreSQL that has it.
    public static func requiresVersion(_ major: Int) -> Self {
        .enabled("needs PostgreSQL \(major)") { try await TestServer.version() >= major * 10_000 }
    }

    /// Skips a test where the server lacks an extension, as some do that `scripts/servers` tries.
    public static func requiresExtension(_ name: String) -> Self {
        .enabled("the server has no \(name)") { try await TestServer.hasExtension(name) }
    }

    /// Skips a test where the server was built without TLS, as some are that `scripts/servers` tries.
    public static var requiresTLS: Self {
        .enabled("the server was built without TLS") { try await TestServer.hasTLS() }
    }
}
