import Testing

@testable import Evaluation

/// What counts as recommended.
@Suite struct BacktestSampleTests {
    /// Scores of EASE may be negative: a run would list such a product as little as one with a score of 0.
    @Test func onlyPositiveScoresAreRecommended() throws {
        let scores = [-0.2, 0, 0.5, 0.1, .nan, 0.1, -0.1]
        var ranking = RankedGroups()
        ranking.rank(scores: scores, depth: 10)
        var part = BacktestSample.Part()
        part.add(ranking, scores: scores, method: 0, client: 0, added: [0])
        let row = try #require(part.rows.first)
        #expect(row.exposures.map(\.product) == [2, 3, 5])
        #expect(
            row.exposures.map(\.probabilities) == [
                SIMD4(1, 1, 1, 1), SIMD4(0, 1, 1, 1), SIMD4(0, 1, 1, 1),
            ])
        // It is found all the same, on the last of six places.
        #expect(row.metrics[Metric.byClient.firstIndex(of: Metric(.mrr, at: 10)) ?? 0] == 1.0 / 6)
    }
}
