import ArgumentParser
import Scoring

/// `peerfolio grants`.
struct GrantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grants", abstract: "Prints the SQL that gives the service the rights it needs, and no other.",
        discussion: """
            For a DBA to look through and run. Which columns of the sources are read is found out by the catalog; nothing \
            of them is read, and nothing is changed.
            """)

    @OptionGroup var common: CommonOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Login that the service connects as. (default: the connection's, or peerfolio_service if that is a superuser)",
            valueName: "name"))
    var role: String?

    func run() async throws {
        try await common.withInstallation { installation in
            try Output.answer(try await installation.withSession { try GrantScript(installation).text(role: role, $0) })
        }
    }
}
