import TestSupport
import Testing

@testable import Evaluation

@Suite struct IsotonicRegressionTests {
    /// The solution in closed form: at each score the greatest, over starts at or before it, of the least, over ends at
    /// or after it, of the mean in between.
    @Test(arguments: 0..<50) func agreesWithTheMinimaxFormula(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let observations = (0..<Int.random(in: 1...40, using: &random)).map { _ in
            (score: Double(Int.random(in: 0...15, using: &random)) / 16, isHit: Bool.random(using: &random))
        }
        let fitted = IsotonicRegression(observations)
        let levels = Set(observations.map(\.score)).sorted()
        let means = levels.indices.map { start in
            levels.indices.map { end in
                let between = observations.filter { start <= end && (levels[start]...levels[end]).contains($0.score) }
                return Double(between.count(where: \.isHit)) / Double(max(1, between.count))
            }
        }
        for (place, level) in levels.enumerated() {
            let expected =
                (0...place).map { start in (place..<levels.count).map { means[start][$0] }.min() ?? 0 }.max() ?? 0
            #expect(abs(fitted.share(at: level) - expected) < 1e-12)
        }
        #expect(fitted.shares == fitted.shares.sorted())
        #expect(fitted.share(at: -1) == fitted.shares.first)
        #expect(fitted.share(at: 2) == fitted.shares.last)
    }

    @Test func ofNothingIsZero() {
        #expect(IsotonicRegression([]).share(at: 0.5) == 0)
    }
}
