import ArgumentParser
import DemoWarehouse
import Postgres
import Scoring

/// `peerfolio demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Writes a demo warehouse of 30,000 clients and 31 products into a database.",
        discussion: """
            Replaces an earlier demo in the same schema, and leaves anything else alone. The same on every machine.
            """)

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "libpq conninfo or URI of the database. (default: that of the configuration)")
    var connection: String?

    @Option(name: .long, help: "Schema to write to.")
    var schema = DemoWarehouse.defaultSchema

    @Option(name: .long, help: "How many clients.")
    var clients = 30_000

    @Flag(name: .long, help: "Print a commented configuration for the demo warehouse, and write nothing.")
    var printConfig = false

    func validate() throws {
        guard (1...5_000_000).contains(clients) else { throw ValidationError("--clients must be within 1...5000000") }
    }

    /// The database that was named here, which needs no configuration, or that of the configuration.
    private func settings() throws -> ConnectionSettings {
        guard let connection else { return try common.installation().connectionSettings }
        return try .announced(connection, overrides: common.set)
    }

    func run() async throws {
        if printConfig {
            return try Output.answer(
                DemoWarehouse.configuration(schema: schema, connection: connection ?? ""), terminator: "")
        }
        let database = try await PostgresConnection.open(settings())
        let summary = try await DemoWarehouse(clientCount: clients).write(to: database, schema: schema)
        await database.close()
        Output.confirm(
            "wrote \(Output.grouped(summary.clientCount)) clients, \(summary.productCount) products,"
                + " \(Output.grouped(summary.holdingCount)) holdings and \(Output.grouped(summary.exclusionCount))"
                + " exclusions to schema \(schema)")
    }
}
