import ArgumentParser
import Foundation
import Reporting
import Scoring

/// `peerfolio report`.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes an HTML file that shows quality, calibration, products, scores, runs and findings.",
        discussion: """
            One file without scripts that loads nothing from anywhere, to be mailed, printed or kept: light or dark as the \
            reader's system is. It names no client. Shows what peerfolio evaluate has stored and the published run, all \
            from one snapshot; the rights of peerfolio_reader suffice.
            """)

    @OptionGroup var common: CommonOptions

    @Option(
        name: .long,
        help: ArgumentHelp("File to write, replaced as a whole if it exists; - for standard output.", valueName: "file")
    )
    var output: String

    func run() async throws {
        let html = ReportDocument(try await common.installation().reportContent()).html
        if output == "-" { return try Output.answer(html, terminator: "") }
        do {
            try Data(html.utf8).write(to: URL(filePath: output), options: .atomic)
        } catch {
            throw UsageError(description: "--output: \(output) cannot be written; name a file in a folder that you own")
        }
        Output.confirm("wrote \(output)")
    }
}
