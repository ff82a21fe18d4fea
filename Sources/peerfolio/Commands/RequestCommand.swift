import ArgumentParser
import Configuration
import ResultStore
import Scoring

/// `peerfolio request`.
struct RequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "Asks the daemon for a run, and follows it to its end.",
        discussion: """
            The same as select peerfolio.request_run(...), which needs no program. Exit codes are those of peerfolio run; \
            a run that was skipped, because nothing has changed, is done.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var output: OutputOptions

    @OptionGroup var day: DayOption

    @Option(name: .long, help: "Why, for the run log.")
    var reason: String?

    @OptionGroup var forcing: ForceOption

    func run() async throws {
        try await common.withInstallation { installation in
            let channel = installation.configuration.publish.channel
            let runID = try await installation.withSession { session in
                try RunQueue(session).request(
                    channel: channel, reason: reason, asOf: day.asOf, isForced: forcing.force)
            }
            Output.note("run \(runID) is queued")
            let record = try await follow(runID, installation)
            Output.confirm(try output.json ? Output.json(record) : record.fate)
            if record.exitCode != .done { throw ExitCode(record.exitCode.rawValue) }
        }
    }

    /// Waits for the end of a run and of its further attempts.
    private func follow(_ runID: Int64, _ installation: Installation) async throws -> RunRecord {
        var status = "queued"
        while true {
            try await Task.sleep(for: .milliseconds(250))
            let record = try await installation.withSession { try RunHistory($0).newestAttempt(of: runID) }
            guard let record else {
                throw UsageError(
                    description: "run \(runID) is not in the run log any more; retention.runs is too small")
            }
            if record.status != status { Output.note("run \(record.runID) is \(record.status)") }
            status = record.status
            if record.isOver { return record }
        }
    }
}

extension RunRecord {
    /// Whether nothing more will become of it.
    fileprivate var isOver: Bool {
        switch status {
        case "succeeded", "skipped": true
        case "failed", "cancelled": !mayBeRepeated
        default: false
        }
    }

    fileprivate var fate: String {
        switch status {
        case "succeeded":
            "run \(runID) succeeded: \(isLive ? "published in channel \(channel)" : "stored\(reasonCode.map { " [\($0)]" } ?? "")"),"
                + " as of \(asOf ?? "?"), \(recommendations.map(Output.grouped) ?? "no") recommendations"
        default: "run \(runID) \(status): \(error ?? "no reason given") [\(reasonCode ?? "")]"
        }
    }

    /// The exit code that `peerfolio run` has for the same end.
    var exitCode: Failure.Code {
        if let reason { return Failure.Code(reason, sqlState: errorSQLState) }
        // A newer program may give reasons that this one does not know.
        return status == "succeeded" ? .done : .bug
    }
}
