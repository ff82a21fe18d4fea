import Foundation
import Postgres
import TestSupport

/// A database with a warehouse, and a configuration for it in a folder of its own.
///
/// The service's role is a member of `peerfolio_runner` and may read the warehouse, and nothing else.
struct Installation: Sendable {
    /// Conninfo of the superuser.
    let administrator: String
    let folder: URL

    static let serviceRole = "peerfolio_test_service"
    static let readerRole = "peerfolio_test_reader"
    /// Those with the rows of runs in slots.
    static let resultTables = ["run_lists", "recommendations", "run_clients"]

    /// Conninfo of the service.
    var service: String { "\(administrator) user=\(Self.serviceRole)" }
    /// Conninfo of a report.
    var reader: String { "\(administrator) user=\(Self.readerRole)" }
    var config: URL { folder.appendingPathComponent("config.yaml") }

    /// Runs `body` with a demo warehouse of 400 clients and, unless told otherwise, with Peerfolio's schema.
    static func withDemo(
        isMigrated: Bool = true, _ body: (Installation) async throws -> Void
    ) async throws {
        try await withDatabase { installation in
            _ = try await installation.succeed(
                "demo", "--clients", "400", "--connection", installation.administrator, configured: false)
            let holdings = """
                holdings:
                  relation: demo.client_holdings
                  client: client_id
                  product: product_id
                  amount: market_value
                  valid_from: valid_from
                  valid_to: valid_to
                clients: {relation: demo.clients, id: client_id, manager: manager}
                products: {relation: demo.products, id: product_id, name: name, available: is_available}
                exclusions: {query: "select client_id, product_id, reason from demo.exclusions"}
                timeouts: {lease: 3s}
                """
            try await installation.install(schema: "demo", mapping: holdings, isMigrated: isMigrated)
            try await body(installation)
        }
    }

    /// Runs `body` with a warehouse that SQL makes in the schema `dwh`.
    static func withWarehouse(
        _ sql: String, mapping: String, encoding: String = "UTF8", isMigrated: Bool = true,
        _ body: (Installation) async throws -> Void
    ) async throws {
        try await withDatabase(encoding: encoding) { installation in
            try await installation.execute("create schema dwh; " + sql)
            try await installation.install(schema: "dwh", mapping: mapping, isMigrated: isMigrated)
            try await body(installation)
        }
    }

    private static func withDatabase(
        encoding: String = "UTF8", _ body: (Installation) async throws -> Void
    ) async throws {
        try await TestServer.withDatabase(encoding: encoding) { conninfo in
            try await TemporaryFolder.with { folder in
                try await body(Installation(administrator: conninfo, folder: folder))
            }
        }
    }

    private func install(schema: String, mapping: String, isMigrated: Bool) async throws {
        try write(mapping, connection: service)
        try await execute(Self.createRoles)
        try await execute(
            """
            grant usage on schema \(schema) to \(Self.serviceRole);
            grant select on all tables in schema \(schema) to \(Self.serviceRole)
            """)
        if isMigrated { try await migrate() }
    }

    /// Writes the configuration file.
    func write(_ mapping: String, connection: String) throws {
        try Data("connection: \"\(connection)\"\n\(mapping)\n".utf8).write(to: config)
    }

    /// Installs Peerfolio's schema as the superuser.
    func migrate() async throws {
        _ = try await succeed("migrate", "up", environment: ["PEERFOLIO_CONNECTION": administrator])
        try await execute(Self.grantGroups)
    }

    // Roles belong to the whole cluster, and several tests create and grant them at once.
    private static let createRoles = """
        do $$
        declare wanted text;
        begin
            foreach wanted in array array['\(serviceRole)', '\(readerRole)'] loop
                begin
                    execute format('create role %I login', wanted);
                exception when duplicate_object or unique_violation then null;
                end;
            end loop;
        end
        $$
        """

    static let grantGroups = ["peerfolio_runner to \(serviceRole)", "peerfolio_reader to \(readerRole)"].map {
        "do $$ begin grant \($0); exception when unique_violation then null; end $$;"
    }.joined()

    // MARK: The program

    /// Runs the program to its end.
    func peerfolio(
        _ arguments: String..., environment: [String: String] = [:], configured: Bool = true,
        within limit: Duration = .seconds(60)
    ) async throws -> ChildProcess.Outcome {
        try await peerfolio(arguments: arguments, environment: environment, configured: configured, within: limit)
    }

    /// Runs the binary with a list of arguments.
    func peerfolio(
        arguments: [String], environment: [String: String] = [:], configured: Bool = true,
        within limit: Duration = .seconds(60)
    ) async throws -> ChildProcess.Outcome {
        try await ChildProcess.run(
            PeerfolioBinary.url(), arguments + (configured ? ["--config", config.path] : []),
            environment: environment, in: folder, within: limit)
    }

    /// Runs the program, which must succeed, and returns what it printed.
    func succeed(
        _ arguments: String..., environment: [String: String] = [:], configured: Bool = true
    ) async throws -> String {
        let outcome = try await ChildProcess.run(
            PeerfolioBinary.url(), arguments + (configured ? ["--config", config.path] : []),
            environment: environment, in: folder)
        guard outcome.ending == .exit(0) else {
            throw Unexpected(description: "\(arguments.prefix(2)) ended with \(outcome.ending): \(outcome.errors)")
        }
        return outcome.output
    }

    /// Starts the program, and kills it after `body` if it still runs.
    func withRunning<Value: Sendable>(
        _ arguments: String..., environment: [String: String] = [:],
        _ body: (ChildProcess) async throws -> Value
    ) async throws -> Value {
        try await ChildProcess.withRunning(
            PeerfolioBinary.url(), arguments + ["--config", config.path], environment: environment, in: folder, body)
    }

    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }

    // MARK: The database

    /// Runs statements as the superuser.
    func execute(_ sql: String) async throws {
        try await withConnection(administrator) { try $0.executeScript(sql) }
    }

    /// The rows of a query as the superuser, as text.
    func rows(_ sql: String) async throws -> [[String?]] {
        try await withConnection(administrator) { try $0.execute(sql).rows.map(\.values) }
    }

    /// The one value of a query as the superuser, as text; empty for NULL and without a row.
    func value(_ sql: String) async throws -> String {
        (try await rows(sql).first?.first ?? nil) ?? ""
    }

    /// Runs a closure over a new connection.
    func withConnection<Value: Sendable>(
        _ conninfo: String, _ body: @Sendable (Session) throws -> Value
    ) async throws -> Value {
        try await PostgresConnection.withSession(
            ConnectionSettings(conninfo: conninfo, applicationName: "peerfolio-tests"), body)
    }

    /// Waits until a query as the superuser yields `true`.
    func wait(untilTrue sql: String, within limit: Duration = .seconds(20)) async throws {
        try await wait(untilTrue: { try await value(sql) == "t" }, within: limit, sql)
    }

    /// Waits until a condition holds.
    func wait(
        untilTrue condition: () async throws -> Bool, within limit: Duration = .seconds(20), _ what: String
    ) async throws {
        let deadline = ContinuousClock.now + limit * TestPatience.factor
        while try await !condition() {
            guard ContinuousClock.now < deadline else { throw Unexpected(description: "never true: \(what)") }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
