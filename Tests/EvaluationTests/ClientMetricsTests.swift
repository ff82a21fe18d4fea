import Foundation
import TestSupport
import Testing

@testable import Evaluation

/// Expectations over ties, against the mean over every order that the ties allow.
@Suite struct ClientMetricsTests {
    @Test(arguments: 0..<40) func agreesWithEveryOrder(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<50 {
            let count = Int.random(in: 1...7, using: &random)
            // Few different scores, so that many tie; some products are not ranked.
            let scores = (0..<count).map { _ in
                Int.random(in: 0..<8, using: &random) == 0 ? Double.nan : Double(Int.random(in: 0...3, using: &random))
            }
            var relevant = Set((0..<count).filter { _ in Bool.random(using: &random) }.map(Int32.init))
            relevant.insert(Int32(Int.random(in: 0..<count, using: &random)))
            let expected = Self.meanOverOrders(scores, relevant)

            var ranking = RankedGroups()
            ranking.rank(scores: scores, depth: 10)
            var row: [Double] = []
            ClientMetrics.append(
                ranking, isRelevant: relevant.contains, relevantCount: relevant.count, to: &row)
            #expect(row.count == expected.count)
            for (metric, pair) in zip(Metric.byClient, zip(row, expected)) {
                #expect(
                    abs(pair.0 - pair.1) < 1e-12, "\(metric) is \(pair.0), not \(pair.1), for \(scores) \(relevant)")
            }
        }
    }

    @Test(arguments: 0..<20) func rankingIsThatOfSortingEverything(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var ranking = RankedGroups()
        for _ in 0..<200 {
            let scores = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                Int.random(in: 0..<9, using: &random) == 0
                    ? Double.nan : Double(Int.random(in: -5...20, using: &random))
            }
            let depth = Int.random(in: 1...12, using: &random)
            ranking.rank(scores: scores, depth: depth)
            // All groups that begin within the depth, whole.
            let groups = Dictionary(grouping: scores.indices.filter { !scores[$0].isNaN }) { scores[$0] }
                .sorted { $0.key > $1.key }.map { $0.value.map(Int32.init) }
            var expected: [[Int32]] = []
            for group in groups where expected.joined().count < depth { expected.append(group) }
            #expect(ranking.groups.map { Array(ranking.products[$0.range]) } == expected)
        }
    }

    /// The plain metrics of every order of the products in which no score rises, averaged.
    private static func meanOverOrders(_ scores: [Double], _ relevant: Set<Int32>) -> [Double] {
        var sums = [Double](repeating: 0, count: Metric.byClient.count)
        var orders = 0.0
        var order: [Int32] = []
        func extend(_ rest: [Int32]) {
            guard let highest = rest.map({ scores[Int($0)] }).max() else {
                orders += 1
                for (column, metric) in Metric.byClient.enumerated() {
                    sums[column] += plain(metric, order, relevant)
                }
                return
            }
            for product in rest where scores[Int(product)] == highest {
                order.append(product)
                extend(rest.filter { $0 != product })
                order.removeLast()
            }
        }
        extend(scores.indices.filter { !scores[$0].isNaN }.map(Int32.init))
        return sums.map { $0 / orders }
    }

    private static func plain(_ metric: Metric, _ order: [Int32], _ relevant: Set<Int32>) -> Double {
        let hits = order.prefix(metric.cutoff).map { relevant.contains($0) }
        func gain(_ hits: [Bool]) -> Double {
            hits.enumerated().reduce(0) { $0 + ($1.element ? 1 / log2(Double($1.offset) + 2) : 0) }
        }
        switch metric.kind {
        case .hitRate: return hits.contains(true) ? 1 : 0
        case .recall: return Double(hits.count(where: \.self)) / Double(relevant.count)
        case .ndcg: return gain(hits) / gain([Bool](repeating: true, count: min(metric.cutoff, relevant.count)))
        case .map:
            let precisions = hits.indices.filter { hits[$0] }.map { place in
                Double(hits[...place].count(where: \.self)) / Double(place + 1)
            }
            return precisions.reduce(0, +) / Double(relevant.count)
        case .mrr: return hits.firstIndex(of: true).map { 1 / Double($0 + 1) } ?? 0
        case .coverage, .gini: return 0
        }
    }
}
