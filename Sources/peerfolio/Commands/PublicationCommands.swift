import ArgumentParser
import Configuration
import ResultStore
import Scoring

/// `peerfolio publish RUN`.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Publishes an earlier run whose rows are still there.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "Number of the run; peerfolio runs lists them.")
    var run: Int64

    func run() async throws {
        let installation = try common.installation()
        let channel = installation.configuration.publish.channel
        try await installation.withSession { session in
            try installation.verifySchemaWhereVisible(session)
            try Publication(session).publish(runID: run, channel: channel)
        }
        Output.confirm("run \(run) is live in channel \(channel)")
    }
}

/// `peerfolio rollback`.
struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Makes the run that was published before the live one again.",
        discussion: "Takes milliseconds and waits for no reader. A second rollback undoes the first.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let installation = try common.installation()
        let channel = installation.configuration.publish.channel
        let runs = try await installation.withSession { session in
            try installation.verifySchemaWhereVisible(session)
            return try Publication(session).rollBack(channel: channel)
        }
        Output.confirm("run \(runs.liveRunID) is live again in channel \(channel); run \(runs.previousRunID) was")
    }
}
