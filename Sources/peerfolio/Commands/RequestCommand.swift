import ArgumentParser
import Configuration
import Holdings
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
                try RunQueue.request(
                    channel: channel, reason: reason, asOf: day.asOf, isForced: forcing.force, session: session)
            }
            Output.note("run \(runID) is queued")
            let record = try await follow(runID, installation)
            Output.confirm(try output.json ? Output.json(record) : record.fate)
            if let code = record.exitCode { throw code }
        }
    }

    /// Waits for the end of a run and of its further attempts.
    private func follow(_ runID: Int64, _ installation: Installation) async throws -> RunRecord {
        var status = "queued"
        while true {
            try await Task.sleep(for: .milliseconds(250))
            let record = try await installation.withSession { try RunRecord.newestAttempt(of: runID, session: $0) }
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
        // A fault that may pass is followed by another attempt, which is queued within moments.
        ["succeeded", "skipped", "cancelled"].contains(status) || status == "failed" && !mayBeRepeated
    }

    fileprivate var fate: String {
        switch status {
        case "succeeded":
            "run \(runID) succeeded: \(isLive ? "published in channel \(channel)" : "stored\(reasonCode.map { " [\($0)]" } ?? "")"),"
                + " as of \(asOf ?? "?"), \(recommendations.map(Output.grouped) ?? "no") recommendations"
        default: "run \(runID) \(status): \(error ?? "no reason given") [\(reasonCode ?? "")]"
        }
    }

    fileprivate var exitCode: ExitCode? {
        switch (status, reasonCode) {
        case ("succeeded", "GRADED_WORSE"): ExitCode(65)
        case ("succeeded", _), ("skipped", "NO_CHANGE"): nil
        case ("skipped", "STALE_SOURCE"), ("failed", "DATA_REFUSED"): ExitCode(65)
        case ("failed", "SOURCE_REFUSED"), ("failed", "SCHEMA_REFUSED"), ("failed", "RIGHTS_MISSING"),
            ("failed", "NO_FREE_SLOT"):
            ExitCode(64)
        case ("failed", "DATABASE_UNAVAILABLE"), ("failed", "COMMIT_LOST"): ExitCode(69)
        case ("failed", "INTERNAL"), ("failed", "VERIFICATION_FAILED"): ExitCode(70)
        default: ExitCode(75)
        }
    }
}
