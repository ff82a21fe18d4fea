import ArgumentParser
import Configuration
import Foundation
import PeerSearch
import Postgres
import Scoring
import SourceReading

/// `peerfolio init`.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Looks at a warehouse and proposes a configuration for it.",
        discussion: """
            Names, types, keys and a sample tell where the holdings may be, and how they are dated. Writes a commented \
            configuration file, checks it, and shows what two clients would be offered. Never writes to the warehouse, and \
            never replaces a file.
            """)

    @Option(
        name: .long, help: "libpq conninfo or URI of the warehouse, without a password. (default: the PG* environment)")
    var connection = ""

    @Option(
        name: .long,
        help: ArgumentHelp("The relation of the holdings, if the proposal is wrong.", valueName: "schema.name"))
    var relation: String?

    @Option(name: .long, help: "File to write; - for standard output, without a check.")
    var output = "peerfolio.yaml"

    func run() async throws {
        if output != "-" && FileManager.default.fileExists(atPath: output) {
            throw UsageError(description: "\(output) exists already; name another file with --output, or remove it")
        }
        let chosen: RelationName?
        do {
            chosen = try relation.map { try RelationName(parsing: $0) }
        } catch let error as InvalidRelationName {
            throw UsageError(description: "--relation: \(error)")
        }
        let database = try await PostgresConnection.open(.announced(connection))
        let proposal = try await database.withSession { session in
            try MappingProposal(WarehouseSurvey(session), holdings: chosen, session: session)
        }
        await database.close()
        let yaml = proposal.yaml(connection: connection)
        if output == "-" { return try Output.answer(yaml, terminator: "") }
        do {
            try Data(yaml.utf8).write(to: URL(fileURLWithPath: output), options: .withoutOverwriting)
        } catch {
            throw UsageError(description: "\(output) cannot be written; choose another place with --output")
        }
        Output.confirm("wrote \(output):\n")
        try Output.answer(yaml)
        if proposal.rowEstimate > Self.tryLimit {
            let rows = Int(proposal.rowEstimate / 1_000_000)
            try Output.answer("\nThe holdings have about \(rows) million rows, so they are not read here.\n\(next)")
        } else {
            try await tryOut()
        }
    }

    /// Rows above which holdings are not read just to show what comes of them.
    private static let tryLimit = 30_000_000.0

    /// Checks the proposal, and shows what it leads to.
    private func tryOut() async throws {
        let configuration = try ServiceConfiguration.load(file: output)
        let installation = try Installation(configuration, kernel: SearchKernel.chosen())
        let report = try await ServiceCheck(installation).report(asOf: nil)
        try Output.answer(report.text)
        if report.refusal == nil {
            for client in try await Explainer(installation).exampleClients(limit: 2) {
                try Output.answer("\n\(try await Explainer(installation).explain(client: client, peerLimit: 3).text)")
            }
        }
        try Output.answer(next)
    }

    /// What to do with the proposal.
    private var next: String {
        let option = output == "peerfolio.yaml" ? "" : " --config \(output)"
        return """

            Next: look \(output) through, then
              peerfolio run --dry-run\(option)
              peerfolio migrate up\(option)     # as a superuser, once: README.md
              peerfolio check\(option)
            """
    }
}
