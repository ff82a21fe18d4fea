import Foundation
import TestSupport
import Testing

/// Help and usage, without a database.
@Suite struct HelpTests {
    private static func run(_ arguments: [String]) async throws -> ChildProcess.Outcome {
        try await TemporaryFolder.with { folder in
            try await ChildProcess.run(PeerfolioBinary.url(), arguments, in: folder)
        }
    }

    /// The arguments that lead to each command, the program itself included.
    private static func commands(_ command: [String: Any], _ path: [String] = []) throws -> [[String]] {
        let subcommands = command["subcommands"] as? [[String: Any]] ?? []
        let deeper = try subcommands.flatMap { subcommand in
            let name = try #require(subcommand["commandName"] as? String)
            return name == "help" ? [] : try commands(subcommand, path + [name])
        }
        return [path] + deeper
    }

    @Test func everyCommandExplainsItself() async throws {
        let dump = try jsonObject(expectSuccess(try await Self.run(["--experimental-dump-help"])))
        let commands = try Self.commands(#require(dump["command"] as? [String: Any]))
        #expect(commands.count >= 13)
        var text = ""
        for command in commands {
            let outcome = try await Self.run(command + ["--help"])
            #expect(outcome.errors == "")
            text += "$ \((["peerfolio"] + command).joined(separator: " ")) --help\n\(expectSuccess(outcome))\n"
        }
        try Golden.expect(text, is: "help.txt")
    }

    @Test func versionIsOneLine() async throws {
        let output = expectSuccess(try await Self.run(["version"]))
        #expect(expectSuccess(try await Self.run(["version", "--config", "absent.yaml"])) == output)
        #expect(output.wholeMatch(of: /peerfolio \d+\.\d+\.\d+, kernel [\w.-]+\n/) != nil)
        #expect(output.hasPrefix("peerfolio \(expectSuccess(try await Self.run(["--version"])).dropLast())"))
    }

    @Test(arguments: [
        ["run", "--frobnicate"], ["frobnicate"], ["run", "surplus"], ["explain"], ["publish", "twelve"],
        ["runs", "--limit", "0"], ["explain", "1", "--peers", "-1"], ["demo", "--clients", "0"],
        ["run", "--as-of", "2026-02-29"], ["run", "--as-of", "yesterday"],
    ])
    func wrongUsageIsOneLine(_ arguments: [String]) async throws {
        let outcome = try await Self.run(arguments)
        expectFailure(outcome, 64, saying: "--help")
        #expect(outcome.errorLines.count == 1)
    }

    @Test func aMissingConfigurationNamesThePlaces() async throws {
        expectFailure(
            try await Self.run(["runs"]), 64, saying: "--config", "PEERFOLIO_CONFIG", "peerfolio.yaml",
            "/etc/peerfolio/peerfolio.yaml")
        expectFailure(try await Self.run(["runs", "--config", "absent.yaml"]), 64, saying: "absent.yaml")
    }
}
