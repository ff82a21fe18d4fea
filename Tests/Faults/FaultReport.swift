import Foundation
import Holdings

/// What all trials have found: one table, one JSON, one closing line.
struct FaultReport: Sendable {
    /// One trial and what it found.
    struct Result: Sendable {
        let number: Int
        let name: String
        let kind: String
        let finding: Trial.Finding
        let seconds: Double

        var verdict: Trial.Verdict { finding.verdict }
    }

    let results: [Result]
    let evidence: (outputs: Int, bytes: Int, leaks: [String])
    let seed: UInt64
    let duration: Duration

    /// Trials that failed; a secret in any output counts as one more.
    var failed: Int { count(.failed) + (evidence.leaks.isEmpty ? 0 : 1) }

    /// Trials that have tried nothing, whether they could not or their fault did not happen.
    private var skipped: Int { count(.skipped) + count(.notReached) }

    private func count(_ verdict: Trial.Verdict, in results: [Result]? = nil) -> Int {
        (results ?? self.results).count { $0.verdict == verdict }
    }

    /// For whoever counts: `N passed, N failed, N skipped`.
    var closingLine: String {
        "\(count(.passed)) passed, \(failed) failed, \(skipped) skipped"
    }

    /// All kinds of trials with their figures, then the totals.
    var table: String {
        var lines = [row(["kind", "trials", "failed", "skipped", "missed", "reads", "wrong", "seconds", "figures"])]
        for kind in results.map(\.kind).uniqued() {
            let mine = results.filter { $0.kind == kind }
            lines.append(
                row([
                    kind, "\(mine.count)", "\(count(.failed, in: mine))", "\(count(.skipped, in: mine))",
                    "\(count(.notReached, in: mine))", "\(mine.reduce(0) { $0 + $1.finding.reads.reads })",
                    "\(mine.reduce(0) { $0 + $1.finding.reads.wrong.count })",
                    Self.number(mine.reduce(0) { $0 + $1.seconds }), figures(of: mine),
                ]))
        }
        for result in results where result.verdict == .skipped {
            lines.append("skipped: \(result.number) \(result.name): \(result.finding.skipped ?? "")")
        }
        let missed = results.filter { $0.verdict == .notReached }
        if !missed.isEmpty { lines.append("skipped: not reached: \(missed.map(\.name).joined(separator: " "))") }
        for result in results where result.verdict == .failed {
            lines.append("failed: \(result.number) \(result.name): \(result.finding.problems.joined(separator: "; "))")
        }
        for leak in evidence.leaks.uniqued() { lines.append("failed: a secret or an id shows in the \(leak)") }
        return (lines + totals).joined(separator: "\n")
    }

    private var totals: [String] {
        let all = results.map(\.finding)
        let reads = all.reduce(Monitor.Figures()) { $0 + $1.reads }
        return [
            "kill points \(all.count { $0.isKillPoint }), not reached \(count(.notReached)),"
                + " unknown endings \(all.count { $0.isUnknown })",
            "reads during faults \(reads.reads), wrong \(reads.wrong.count)",
            "outputs searched for secrets \(evidence.outputs) (\(evidence.bytes) bytes), leaks \(evidence.leaks.count)",
            "seed \(seed), \(Self.number(duration / .seconds(1))) s",
        ]
    }

    /// Each figure, from its smallest to its largest value: some are better when they are small, and some when large.
    private func figures(of results: [Result]) -> String {
        let all = Dictionary(grouping: results.flatMap { $0.finding.figures }, by: \.key)
        return all.sorted { $0.key < $1.key }.map { name, figures in
            let ends = [figures.map(\.value).min(), figures.map(\.value).max()].compactMap { $0.map(Self.number) }
            return "\(name) \(ends.uniqued().joined(separator: "-"))"
        }.joined(separator: ", ")
    }

    private func row(_ cells: [String]) -> String {
        let widths = [26, 6, 6, 7, 6, 8, 5, 7]
        return zip(cells, widths + [0]).map { cell, width in
            cell.padding(toLength: max(width, cell.count), withPad: " ", startingAt: 0)
        }.joined(separator: " ")
    }

    private static func number(_ value: Double) -> String {
        value >= 100 || value == value.rounded() ? String(Int(value.rounded())) : String(format: "%.1f", value)
    }

    // MARK: JSON

    private struct Document: Encodable {
        struct Entry: Encodable {
            let number: Int
            let name: String
            let verdict: String
            let problems: [String]
            let skipped: String?
            let figures: [String: Double]
            let reads: Int
            let wrongReads: Int
            let longestReadMs: Double
            let isKillPoint: Bool
            let isUnknown: Bool
            let seconds: Double
        }

        let seed: UInt64
        let seconds: Double
        let passed: Int
        let failed: Int
        let skipped: Int
        let notReached: Int
        let killPoints: Int
        let unknownEndings: Int
        let reads: Int
        let wrongReads: Int
        let outputsSearched: Int
        let leaks: [String]
        let trials: [Entry]
    }

    /// The whole result for programs.
    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let all = results.map(\.finding)
        return try encoder.encode(
            Document(
                seed: seed, seconds: duration / .seconds(1),
                passed: count(.passed), failed: failed, skipped: skipped, notReached: count(.notReached),
                killPoints: all.count { $0.isKillPoint },
                unknownEndings: all.count { $0.isUnknown }, reads: all.reduce(0) { $0 + $1.reads.reads },
                wrongReads: all.reduce(0) { $0 + $1.reads.wrong.count }, outputsSearched: evidence.outputs,
                leaks: evidence.leaks.uniqued(), trials: results.map(Self.entry)))
    }

    private static func entry(_ result: Result) -> Document.Entry {
        Document.Entry(
            number: result.number, name: result.name,
            verdict: result.verdict.rawValue, problems: result.finding.problems, skipped: result.finding.skipped,
            figures: result.finding.figures,
            reads: result.finding.reads.reads, wrongReads: result.finding.reads.wrong.count,
            longestReadMs: result.finding.reads.longest, isKillPoint: result.finding.isKillPoint,
            isUnknown: result.finding.isUnknown, seconds: result.seconds)
    }
}

extension Sequence where Element: Hashable {
    /// The elements without repetitions, in the order of their first occurrence.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
