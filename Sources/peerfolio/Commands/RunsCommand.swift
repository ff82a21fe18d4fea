import ArgumentParser
import ResultStore
import Schema
import Scoring

/// `peerfolio runs`.
struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "Lists the newest runs and what became of them.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "How many runs.")
    var limit = 20

    func validate() throws {
        guard limit >= 1 else { throw ValidationError("--limit must be at least 1") }
    }

    func run() async throws {
        let installation = try common.installation()
        let runs = try await installation.withSession { session in
            try installation.migrator.verify(session)
            return try RunHistory(session).newest(limit)
        }
        if output.json { return try Output.answer(Output.json(runs)) }
        var table = TextTable([
            .number("run"), .text("status"), .text("started at"), .text("as of"), .number("ms"), .number("clients"),
            .number("recommendations"), .number("findings"), .number("changed lists"), .text("channel"),
            .text("remarks"),
        ])
        for run in runs {
            table.add([
                String(run.runID), run.status, run.startedAt ?? "", run.asOf ?? "",
                run.durationMS.map(Output.grouped) ?? "",
                run.clients.map(Output.grouped) ?? "", run.recommendations.map(Output.grouped) ?? "",
                run.findings.map(Output.grouped) ?? "",
                run.changedListShare.map { Output.fixed(100 * $0, 1) + "%" } ?? "", run.channel, run.remarks,
            ])
        }
        try Output.answer(table.text)
    }
}

extension RunRecord {
    /// What else there is to know, in a few words.
    fileprivate var remarks: String {
        var remarks: [String] = []
        if isLive { remarks.append("live") }
        if isForced { remarks.append("forced") }
        if let reasonCode { remarks.append(reasonCode) }
        if isRestorable && !isLive { remarks.append("can be published") }
        if let error { remarks.append(error) }
        return remarks.joined(separator: "; ")
    }
}
