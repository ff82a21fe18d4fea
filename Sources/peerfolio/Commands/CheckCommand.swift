import ArgumentParser
import Holdings
import ResultStore
import Scoring

/// `peerfolio check`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Validates configuration, mapping, rights and data; writes nothing.",
        discussion:
            "Exit code 65 when findings would refuse a run, or the rows of the live one are not those that it wrote; 64 when the schema or rights would refuse one."
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var output: OutputOptions

    @OptionGroup var day: DayOption

    func run() async throws {
        try await common.withInstallation { installation in
            let display = ProgressDisplay()
            defer { display.finish() }
            display.show(.phase(.read))
            let report = try await ServiceCheck(installation).report(asOf: day.asOf) { rows in
                display.show(.progress(.read, done: rows, total: 0))
            }
            display.finish()
            try Output.answer(output.json ? Output.json(report) : report.text)
            if !report.isReady { throw UsageError(description: report.schema) }
            if let alarm = report.alarm { throw alarm }
            if let refusal = report.refusal { throw refusal }
        }
    }
}

extension ServiceCheck.Report {
    /// The report for people.
    var text: String {
        var lines =
            [
                "PostgreSQL \(server); schema: \(isReady ? "current, rights complete" : "not ready")",
                "as of \(asOf): \(Output.grouped(clients)) clients (\(clientIDType.rawValue) ids),"
                    + " \(Output.grouped(clientsWithPortfolio)) with a portfolio;"
                    + " \(Output.grouped(products)) products (\(productIDType.rawValue) ids);"
                    + " \(Output.grouped(holdings)) holdings",
            ] + warnings.map { "warning: \($0)" }
        if findings.isEmpty {
            lines.append("no findings")
        } else {
            var table = TextTable([
                .text("severity"), .text("finding"), .number("count"), .text("meaning"), .text("examples"),
            ])
            for finding in findings {
                table.add([
                    finding.severity.rawValue, finding.code.rawValue, Output.grouped(finding.occurrences),
                    finding.message, finding.examples.joined(separator: "; "),
                ])
            }
            lines.append(table.text)
        }
        return lines.joined(separator: "\n")
    }
}
