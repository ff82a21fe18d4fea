import Foundation
import Testing

@testable import Evaluation

/// What `crosscheck.py` found in another language, with others' libraries and other formulas.
@Suite("Metrics that were calculated elsewhere")
struct CrossCheckTests {
    /// Ours and theirs are sums of a few Float64 terms each.
    @Test func everyClient() throws {
        let lines = try Self.lines(of: "metrics.tsv")
        #expect(lines.count >= 500)
        var ranking = RankedGroups()
        var greatest = 0.0
        for columns in lines {
            try #require(columns.count == 3 + Metric.byClient.count)
            let scores = Self.scores(columns[0])
            let relevant = Set(columns[1].split(separator: " ").compactMap { Int32($0) })
            let expected = columns[3...].compactMap { Double($0) }
            try #require(expected.count == Metric.byClient.count && !relevant.isEmpty)

            ranking.rank(scores: scores, depth: 10)
            var row: [Double] = []
            ClientMetrics.append(ranking, isRelevant: relevant.contains, relevantCount: relevant.count, to: &row)
            for (metric, (found, expected)) in zip(Metric.byClient, zip(row, expected)) {
                greatest = max(greatest, abs(found - expected))
                if abs(found - expected) > 1e-9 {
                    Issue.record("\(metric) is \(found), not \(expected), for \(columns[0]) with \(columns[1])")
                }
            }
        }
        #expect(greatest < 1e-12, "the libraries' digits, not merely the promised nine")
    }

    /// Probabilities of exposures are Float32 here, so that a million lists take less memory.
    @Test func everyCatalog() throws {
        let lines = try Self.lines(of: "catalog.tsv")
        #expect(lines.count >= 100)
        for columns in lines {
            try #require(columns.count == 3 + Metric.ofCatalog.count)
            let catalogSize = try #require(Int(columns[0]))
            let counts = columns[1].split(separator: " ").compactMap { Double($0) }
            let clients = columns[2].split(separator: ";").map { Self.scores(String($0)) }
            let expected = columns[3...].compactMap { Double($0) }
            try #require(clients.count == counts.count && expected.count == Metric.ofCatalog.count)

            var part = BacktestSample.Part()
            var ranking = RankedGroups()
            for (client, scores) in clients.enumerated() {
                ranking.rank(scores: scores, depth: 10)
                part.add(ranking, scores: scores, method: 0, client: Int32(client), added: [0])
            }
            let exposures = part.rows.flatMap { row in
                row.exposures.map {
                    CatalogMetrics.Exposure(client: row.client, product: $0.product, probabilities: $0.probabilities)
                }
            }
            let catalog = CatalogMetrics(
                exposures, productCount: clients.first?.count ?? 0, catalogSize: catalogSize)
            for (metric, (found, expected)) in zip(Metric.ofCatalog, zip(catalog.values(counts: counts), expected))
            where abs(found - expected) > 1e-6 {
                Issue.record("\(metric) is \(found), not \(expected), for \(columns[1]) times \(columns[2])")
            }
        }
    }

    private static func lines(of file: String) throws -> [[String]] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens")
        return try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            .split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    }

    /// Not a number for what is not ranked, written as `-`.
    private static func scores(_ column: String) -> [Double] {
        column.split(separator: " ").map { Double($0) ?? .nan }
    }
}
