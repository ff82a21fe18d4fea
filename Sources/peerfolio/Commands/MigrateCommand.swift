import ArgumentParser
import Schema
import Scoring

/// `peerfolio migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Installs, upgrades and checks Peerfolio's schema.",
        subcommands: [Status.self, Up.self, Verify.self])

    /// `peerfolio migrate status`.
    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows what is applied and what is pending.")

        @OptionGroup var common: CommonOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let installation = try common.installation()
            let entries = try await installation.withSession { try installation.migrator.status($0) }
            if output.json { return try Output.answer(Output.json(entries)) }
            var table = TextTable([.number("version"), .text("name"), .text("state"), .text("applied at")])
            for entry in entries {
                table.add([
                    entry.version.map(String.init) ?? "view", entry.name, entry.state.rawValue, entry.appliedAt ?? "",
                ])
            }
            try Output.answer(table.text)
        }
    }

    /// `peerfolio migrate up`.
    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Applies what is pending.",
            discussion: """
                As a superuser, or as a member of peerfolio_migrator where peerfolio_owner may create schemas; anybody else is \
                told which statements make it so. The types of ids are taken from the mapped holdings.
                """)

        @OptionGroup var common: CommonOptions

        func run() async throws {
            try await common.withInstallation { installation in
                let applied = try await installation.withSession { session in
                    try installation.migrator.verifyRights(session)
                    return try installation.migrator.up(
                        session, parameters: installation.installationParameters(session))
                }
                Output.confirm(
                    applied.isEmpty
                        ? "nothing to do: the schema is current" : "applied " + applied.joined(separator: ", "))
            }
        }
    }

    /// `peerfolio migrate verify`.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fails unless the database has exactly this program's schema.",
            discussion: "Exit code 64 when something is missing, altered, or newer than this program.")

        @OptionGroup var common: CommonOptions

        func run() async throws {
            let installation = try common.installation()
            try await installation.withSession { try installation.migrator.verify($0) }
            try Output.answer("the schema is current")
        }
    }
}
