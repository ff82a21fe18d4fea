import ArgumentParser
import Evaluation
import Foundation
import Holdings
import Scoring
import SourceReading

/// `peerfolio evaluate`.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measures on history what recommendations are worth, beside simple baselines.",
        discussion: """
            With --train and --test, what clients added between the two days is to be found; with --test-relation, what \
            they hold there and not in the first relation; without any of them, one hidden product of each client. \
            Figures are stored in peerfolio.run_metrics when Peerfolio is installed, and shown by \
            peerfolio_bi.model_quality.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: ArgumentHelp("Rank on the holdings as of the end of this day.", valueName: "yyyy-mm-dd"))
    var train: BusinessDate?

    @Option(name: .long, help: ArgumentHelp("Products added until this day are to be found.", valueName: "yyyy-mm-dd"))
    var test: BusinessDate?

    @Option(name: .long, help: "Windows, the last from --train to --test, the others before it, each as long.")
    var windows = 1

    @Option(
        name: .long, help: ArgumentHelp("Rank on this relation. (default: holdings.relation)", valueName: "relation"))
    var trainRelation: RelationName?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Relation like holdings.relation, of a later day: what is added there.", valueName: "relation"))
    var testRelation: RelationName?

    @Flag(name: .long, help: "Find the weights of the hybrid model on the earlier windows, never on the last.")
    var tune = false

    @Flag(name: .long, help: "Try other models, and say which one the data speak for; stores nothing.")
    var models = false

    @Option(
        name: .long,
        help: ArgumentHelp("Write what --tune or --models has found to this file, as configuration.", valueName: "file")
    )
    var fragment: String?

    @Flag(name: .long, help: "Write nothing into the database.")
    var noStore = false

    func validate() throws {
        guard (train == nil) == (test == nil) else { throw ValidationError("--train and --test go together") }
        guard trainRelation == nil || testRelation != nil else {
            throw ValidationError("--train-relation needs --test-relation")
        }
        guard test == nil || testRelation == nil else {
            throw ValidationError("dates and relations exclude each other: give --train and --test, or --test-relation")
        }
        guard (1...100).contains(windows) else { throw ValidationError("--windows must be within 1...100") }
        guard windows == 1 || test != nil else { throw ValidationError("--windows needs --train and --test") }
        guard fragment == nil || tune || models else { throw ValidationError("--fragment needs --tune or --models") }
        guard !tune || !models else { throw ValidationError("--tune and --models exclude each other") }
    }

    func run() async throws {
        if let fragment { try Self.verifyFolder(of: fragment) }
        try await common.withInstallation { installation in
            let history: EvaluationOptions.History =
                if let train, let test {
                    .dates(train: train, test: test, windows: windows)
                } else if let testRelation {
                    .relations(train: trainRelation, test: testRelation)
                } else {
                    .leaveOneOut
                }
            let options = EvaluationOptions(history: history, tunes: tune, stores: !noStore)
            let display = ProgressDisplay()
            defer { display.finish() }
            let evaluator = Evaluator(installation, options: options) { display.show($0) }
            if models {
                let report = try await evaluator.chooseModel()
                try answer(report, report.text, fragment: report.configurationFragment, display)
            } else {
                let report = try await evaluator.evaluate()
                try answer(report, report.text, fragment: report.configurationFragment, display)
            }
        }
    }

    private func answer(
        _ report: some Encodable, _ text: String, fragment found: String?, _ display: ProgressDisplay
    ) throws {
        display.finish()
        if let fragment, let found { try write(found, to: fragment) }
        try Output.answer(output.json ? Output.json(report) : text)
    }

    /// Finds out before the work, not after it, that a file cannot be written.
    private static func verifyFolder(of path: String) throws {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw UsageError(description: "--fragment: nothing can be written into that folder; name a file in another")
        }
    }

    private func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw UsageError(description: "--fragment: the file cannot be written; name one in a folder that you own")
        }
    }
}

extension EvaluationReport {
    /// The figures for people.
    var text: String {
        var sections = [headline, Self.table(figures)]
        sections.append(contentsOf: figures.differences.compactMap(Self.sentence))
        if windows.count > 1 { sections.append(windowTable) }
        if !segments.isEmpty { sections.append(segmentTable) }
        if let calibration { sections.append(calibration.text) }
        if let grade { sections.append("grade of \(publishedMethod) against popularity: \(grade.rawValue)") }
        if let configurationFragment {
            sections.append(
                "weights found on the earlier windows, as a configuration fragment:\n\n\(configurationFragment)")
        }
        if let evaluationID { sections.append("stored as evaluation \(evaluationID)") }
        return sections.joined(separator: "\n\n")
    }

    private var headline: String {
        let what =
            kind == BacktestWindow.Kind.leaveOneOut.rawValue
            ? "one hidden product of each client"
            : windows.map { "\($0.train ?? "first") to \($0.test ?? "second relation")" }.joined(separator: ", ")
        return
            "\(what): \(Output.grouped(figures.clients)) tested clients, \(Output.grouped(figures.pairs)) products to find"
    }

    private static func table(_ figures: Figures) -> String {
        let metrics = [
            "ndcg@10", "hit_rate@1", "hit_rate@3", "recall@10", "map@10", "mrr@10", "coverage@10", "gini@10",
        ]
        var table = TextTable([.text("method")] + metrics.map { .number($0) } + [.number("95% of ndcg@10")])
        for method in EvaluationMethod.allCases {
            guard let values = figures.methods[method.rawValue], let first = values[metrics[0]] else { continue }
            table.add(
                [method.rawValue] + metrics.map { values[$0].map { Output.fixed($0.value, 4) } ?? "" }
                    + ["\(Output.fixed(first.low, 4)) - \(Output.fixed(first.high, 4))"])
        }
        return table.text
    }

    private static func sentence(_ difference: Difference) -> String? {
        guard let estimate = difference.metrics["ndcg@10"] else { return nil }
        return "\(difference.method) against \(difference.against): ndcg@10 \(estimate.value < 0 ? "" : "+")"
            + "\(Output.fixed(estimate.value, 4)) (\(Output.fixed(estimate.low, 4)) to \(Output.fixed(estimate.high, 4))),"
            + " \(Verdict(estimate).words)"
    }

    private var windowTable: String {
        var table = TextTable([.text("window"), .number("clients")] + Self.methodColumns)
        for window in windows {
            table.add(
                ["\(window.train ?? "") to \(window.test ?? "")", Output.grouped(window.figures.clients)]
                    + Self.primary(window.figures))
        }
        return "ndcg@10 by window\n\n" + table.text
    }

    private var segmentTable: String {
        var table = TextTable([.text("segment"), .number("clients")] + Self.methodColumns)
        for (segment, figures) in segments.sorted(by: { $0.key < $1.key }) {
            table.add([segment, Output.grouped(figures.clients)] + Self.primary(figures))
        }
        return "ndcg@10 by segment\n\n" + table.text
    }

    private static var methodColumns: [TextTable.Column] { EvaluationMethod.allCases.map { .number($0.rawValue) } }

    private static func primary(_ figures: Figures) -> [String] {
        EvaluationMethod.allCases.map { method in
            figures.methods[method.rawValue]?["ndcg@10"].map { Output.fixed($0.value, 4) } ?? ""
        }
    }
}

extension EvaluationReport.Reliability {
    /// The reliability table for people.
    fileprivate var text: String {
        var table = TextTable([
            .text("scores of \(method)"), .number("suggestions"), .number("mean score"), .number("came true"),
            .number("95%"), .number("propensity"),
        ])
        for bin in bins {
            table.add([
                bin.scores.map { Output.fixed($0, 3) }.joined(separator: " - "), Output.grouped(bin.suggestions),
                Output.fixed(bin.meanScore, 3), Output.fixed(bin.observed.value, 3),
                "\(Output.fixed(bin.observed.low, 3)) - \(Output.fixed(bin.observed.high, 3))",
                Output.fixed(bin.meanPropensity, 3),
            ])
        }
        let verdict =
            isEarned
            ? "runs of this model write propensities"
            : gain.low > 0
                ? "wrong on average, so runs of this model write no propensities"
                : "no better than one constant, so runs of this model write no propensities"
        return table.text
            + "\nBrier score \(Output.fixed(brier, 4)), of one constant \(Output.fixed(constantBrier, 4)); mean"
            + " propensity \(Output.fixed(meanPropensity, 4)), came true \(Output.fixed(observed, 4)): \(verdict)"
    }
}

extension ProgressDisplay {
    /// Takes an event of an evaluation.
    fileprivate func show(_ event: Evaluator.Event) {
        switch event {
        case .reading(let rows): step("reading holdings", done: rows, total: 0)
        case .ranking(let window, let count, let done, let total):
            step(count == 1 ? "ranking" : "ranking window \(window) of \(count)", done: done, total: total)
        case .tuning(let window, let count): step("tuning weights for window \(window) of \(count)", done: 0, total: 0)
        case .trying(let name, let number, let count):
            step("trying model \(number) of \(count), \(name)", done: 0, total: 0)
        case .resampling: step("computing intervals", done: 0, total: 0)
        case .trained(let model): show(RunEvent.trained(model))
        case .note(let text): show(.warning(text))
        }
    }
}
