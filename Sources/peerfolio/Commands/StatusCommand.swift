import ArgumentParser
import Configuration
import ResultStore
import Scheduling
import Schema
import Scoring

/// `peerfolio status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows whether all is well: the live run, the next one, failures, the daemon.",
        discussion: "Exit code 1 means that something is wrong, which a line names; fit for a health check.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let installation = try common.installation()
        let channel = installation.configuration.publish.channel
        let hasSchedule = !installation.configuration.scheduling.schedule.expressions.isEmpty
        let health = try await installation.withSession { session in
            try installation.migrator.verify(session)
            return try RunHistory(session).health(ofChannel: channel)
        }
        let report = StatusReport(health: health, hasSchedule: hasSchedule)
        try Output.answer(output.json ? Output.json(report) : report.text)
        if !report.problems.isEmpty { throw ExitCode(1) }
    }
}

/// What `peerfolio status` prints.
private struct StatusReport: Encodable {
    let health: RunHealth?
    let problems: [String]

    init(health: RunHealth?, hasSchedule: Bool) {
        self.health = health
        var problems: [String] = []
        if health?.liveRunID == nil { problems.append("nothing is published yet") }
        if let health, health.failuresSinceSuccess > 0, let failure = health.lastFailure {
            problems.append(
                "\(health.failuresSinceSuccess) failed since the last success, the last with"
                    + " \(health.lastFailureCode ?? "no code"): \(failure)")
        }
        if hasSchedule && health?.isSchedulerAlive != true {
            problems.append("no daemon acts; start peerfolio schedule")
        }
        self.problems = problems
    }

    var text: String {
        var lines: [String] = []
        func line(_ label: String, _ value: String?) {
            lines.append("\(label)\(String(repeating: " ", count: 14 - label.count))\(value ?? "none")")
        }
        line(
            "live run",
            health?.liveRunID.map { "\($0), as of \(health?.liveAsOf ?? "?"), published \(health?.publishedAt ?? "?")" }
        )
        line("running", health?.runningRunID.map { "\($0): \(health?.runningPhase ?? "?")" })
        line("queued", health.map { "\($0.queuedRuns)" })
        line(
            "last failure",
            health?.lastFailedRunID.map {
                "run \($0): \(health?.lastFailureCode ?? "?") at \(health?.lastFailedAt ?? "?")"
            })
        line(
            "daemon",
            health?.schedulerHost.map {
                "\($0), process \(health?.schedulerProcessID ?? 0)\(health?.isSchedulerAlive == true ? "" : ", not alive")"
            })
        line("schedule", health?.schedule)
        line("next run", health?.nextRunAt)
        lines += problems.map { "problem: \($0)" }
        return lines.joined(separator: "\n")
    }
}
