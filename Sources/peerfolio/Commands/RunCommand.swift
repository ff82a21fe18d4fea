import ArgumentParser
import Configuration
import Evaluation
import Foundation
import ResultStore
import Scoring

/// `peerfolio run`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Scores every client and publishes the result.",
        discussion:
            "Exit code 75 means that a later attempt may succeed: another run of the channel is going on, for example.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var output: OutputOptions

    @OptionGroup var day: DayOption

    @Flag(name: .long, help: "Compute everything and write nothing.")
    var dryRun = false

    @Flag(name: .long, help: "Store the result without publishing it; see peerfolio publish.")
    var noPublish = false

    @OptionGroup var forcing: ForceOption

    /// What a run that is out of time may take to find out whether it is live, beside the statements that clean up.
    private static let timeToEnd = Duration.seconds(180)

    func run() async throws {
        try await common.withInstallation { installation in
            // Without memory for another thread nothing in the process can end it, not even a signal; the kernel can.
            let timeouts = installation.configuration.timeouts
            alarm(UInt32(clamping: (timeouts.run + Self.timeToEnd + timeouts.statement * 2).components.seconds))
            let display = ProgressDisplay()
            defer { display.finish() }
            let options = RunOptions(asOf: day.asOf, isDryRun: dryRun, publishes: !noPublish, isForced: forcing.force)
            let summary = try await ScoringRun(installation, options: options) { display.show($0) }.execute()
            display.finish()
            Output.confirm(try output.json ? Output.json(summary) : summary.text)
            if let refusal = summary.refusal { throw refusal }
        }
    }
}

extension RunSummary {
    /// The summary for people.
    var text: String {
        func line(_ label: String, _ value: String) -> String {
            "  \(label)\(String(repeating: " ", count: 20 - label.count))\(value)"
        }
        let number = runID.map { "run \($0)" } ?? "dry run"
        let fate =
            runID == nil
            ? "nothing was written" : published ? "published in channel \(channel)" : "stored, not published"
        var lines = [
            "\(number) \(runID == nil ? "done" : status): \(fate), as of \(asOf)\(isForced ? ", forced" : "")",
            line("clients", "\(Output.grouped(clients)), \(Output.grouped(clientsWithPortfolio)) with a portfolio"),
            line("products", Output.grouped(products)),
            line(
                "holdings", "\(Output.grouped(holdings)) in \(Output.grouped(distinctPortfolios)) distinct portfolios"),
            line("recommendations", Output.grouped(recommendations)),
            line("findings", findings == 0 ? "none" : "\(findings); peerfolio check --as-of \(asOf) shows them"),
            line("kernel", "\(kernel), \(width) workers"),
            line(
                "milliseconds",
                "read \(phases.read), encode \(phases.encode), search \(phases.search), score \(phases.score),"
                    + " write \(phases.write), check \(phases.check), publish \(phases.publish), total \(phases.total)"),
        ]
        if let coverage, let gini, let top3Share {
            let shares = [coverage, top3Share].map { Output.fixed(100 * $0, 1) + "%" }
            let words =
                "\(shares[0]) of the products are suggested, Gini \(Output.fixed(gini, 3));"
                + " the top three get \(shares[1]) of all suggestions"
            // Behind the recommendations.
            lines.insert(line("concentration", words), at: 5)
        }
        if let snapshotDate { lines.insert(line("snapshot", snapshotDate), at: 1) }
        if let gradeReason { lines.append(line("grade", "\(grade?.rawValue ?? "none"): \(gradeReason)")) }
        if let change {
            lines.append(line("against run \(change.previousRunID)", change.text))
            if change.clientsCompared > 0 { lines.append(line("changed lists", change.churnText)) }
        }
        return lines.joined(separator: "\n")
    }
}

extension RunComparison {
    /// How much the lists have changed, for people.
    var churnText: String {
        func percent(_ share: Double?) -> String { Output.fixed(100 * (share ?? 0), 1) + "%" }
        return "\(Output.grouped(listsChanged)) of \(Output.grouped(clientsCompared)) clients in both"
            + " (\(percent(changedListShare))), \(percent(newSuggestionShare)) of their suggestions are new"
    }

    /// The change for people.
    var text: String {
        func signed(_ number: Int) -> String { (number > 0 ? "+" : "") + Output.grouped(number) }
        let share = 100 * (changedFirstChoiceShare ?? 0)
        return "clients \(signed(clients)), recommendations \(signed(recommendations)), best suggestion changed for"
            + " \(Output.grouped(firstChoiceChanged)) clients (\(Output.fixed(share, 1))%)"
    }
}
