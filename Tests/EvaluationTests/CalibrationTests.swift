import TestSupport
import Testing

@testable import Evaluation
@testable import Holdings

/// Scores that are probabilities, scores that are noise, and what becomes of both.
@Suite struct CalibrationTests {
    /// Suggestions of clients, five each.
    ///
    /// - Parameter probability: Of a hit, by the score.
    private static func suggestions(
        clientCount: Int, using random: inout SeededGenerator, probability: (Double) -> Double
    ) -> [[(score: Double, isHit: Bool)]] {
        (0..<clientCount).map { _ in
            (0..<5).map { _ in
                let score = Double.random(in: 0.01..<1, using: &random)
                return (score, Double.random(in: 0..<1, using: &random) < probability(score))
            }
        }
    }

    /// Of one window, on one half of its clients and the other; of two, on the first and the last.
    @Test(arguments: 0..<10, [1, 2]) func trueProbabilitiesAreEarned(seed: Int, windowCount: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let samples = (0..<windowCount).map { window in
            BacktestSample(
                suggestions: Self.suggestions(clientCount: 4000, using: &random) { $0 }, seed: UInt64(seed + window))
        }
        let calibration = try #require(Calibration(samples, method: .peers))
        #expect(calibration.isEarned)
        #expect(calibration.gain.value == calibration.constantBrier - calibration.brier)
        // The mean of p(1 - p) is 1/6, and a constant's error 1/4, for p between 0 and 1.
        #expect(abs(calibration.brier - 1.0 / 6) < 0.01)
        #expect(abs(calibration.constantBrier - 0.25) < 0.01)
        #expect(calibration.bins.count == Calibration.binCount)
        for bin in calibration.bins {
            // At least 900 in each: four standard deviations of a share of a half, and the width of a step.
            #expect(abs(bin.observed.value - bin.meanScore) < 0.075, "\(bin)")
            #expect(abs(bin.observed.value - bin.meanPropensity) < 0.085, "\(bin)")
            #expect(bin.low <= bin.meanScore && bin.meanScore <= bin.high)
            #expect(bin.observed.low < bin.observed.value && bin.observed.value < bin.observed.high)
        }
        // Wilson's intervals cover the truth in 95 of 100 cases: of ten bins, hardly fewer than seven.
        let covered = calibration.bins.count { ($0.observed.low...$0.observed.high).contains($0.meanScore) }
        #expect(covered >= 7)
        for score in [0.1, 0.3, 0.5, 0.7, 0.9] {
            #expect(abs(calibration.propensity.share(at: score) - score) < 0.1)
        }
    }

    /// Right in order, and two thirds too high in the second window: better than a constant, and wrong on average.
    @Test func propensitiesThatAreWrongOnAverageAreNotEarned() throws {
        var random = SeededGenerator(seed: 12)
        let first = BacktestSample(
            suggestions: Self.suggestions(clientCount: 4000, using: &random) { $0 }, seed: 1)
        let second = BacktestSample(
            suggestions: Self.suggestions(clientCount: 4000, using: &random) { 0.6 * $0 }, seed: 2)
        let calibration = try #require(Calibration([first, second], method: .peers))
        #expect(calibration.gain.low > 0)
        #expect(calibration.meanPropensity > Calibration.mostBias * calibration.meanOutcome)
        #expect(!calibration.isEarned)
    }

    /// A score that is a monotonic function of the probability becomes the probability.
    @Test func distortedProbabilitiesAreStraightened() throws {
        var random = SeededGenerator(seed: 11)
        let sample = BacktestSample(
            suggestions: Self.suggestions(clientCount: 8000, using: &random) { 0.3 * $0 * $0 }, seed: 1)
        let calibration = try #require(Calibration([sample], method: .peers))
        #expect(calibration.isEarned)
        for bin in calibration.bins { #expect(abs(bin.observed.value - bin.meanPropensity) < 0.05, "\(bin)") }
        #expect(calibration.bins.contains { abs($0.observed.value - $0.meanScore) > 0.5 })
    }

    /// The errors, suggestion by suggestion, of a function that was fitted elsewhere.
    @Test(arguments: [1, 2, 3]) func isProvenOnWhatItHasNotSeen(windowCount: Int) throws {
        var random = SeededGenerator(seed: 21)
        let windows = (0..<windowCount).map { _ in
            Self.suggestions(clientCount: 150, using: &random) { 0.2 + 0.3 * $0 }
        }
        let seed: UInt64 = 77
        let samples = windows.map { BacktestSample(suggestions: $0, seed: seed) }
        let calibration = try #require(Calibration(samples, method: .peers))

        let last = windows[windowCount - 1]
        // Halves of a single window, by client.
        let isFirstHalf = last.indices.map { client in
            var half = SplitMix64(seed: seed + 1, stream: UInt64(client))
            return half.next(below: 2) == 0
        }
        let fitted =
            windowCount > 1
            ? windows.dropLast().flatMap { $0.flatMap(\.self) }
            : last.indices.filter { isFirstHalf[$0] }.flatMap { last[$0] }
        let proving = last.indices.filter { windowCount > 1 || !isFirstHalf[$0] }.flatMap { last[$0] }
        let function = IsotonicRegression(fitted)
        let constant = Double(fitted.count(where: \.isHit)) / Double(fitted.count)
        func meanSquare(_ guess: (Double) -> Double) -> Double {
            proving.reduce(0) { sum, suggestion in
                let error = guess(suggestion.score) - (suggestion.isHit ? 1 : 0)
                return sum + error * error
            } / Double(proving.count)
        }
        #expect(abs(calibration.brier - meanSquare(function.share(at:))) < 1e-12)
        #expect(abs(calibration.constantBrier - meanSquare { _ in constant }) < 1e-12)
        #expect(calibration.bins.reduce(0) { $0 + $1.count } == proving.count)
        // What is used in the end is fitted on everything.
        #expect(calibration.propensity == IsotonicRegression(windows.flatMap { $0.flatMap(\.self) }))
    }

    @Test(arguments: 0..<40) func noiseIsNotEarned(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(1000 + seed))
        let samples = (0...(seed % 2)).map { window in
            BacktestSample(
                suggestions: Self.suggestions(clientCount: 1000, using: &random) { _ in 0.1 },
                seed: UInt64(seed + window))
        }
        let calibration = try #require(Calibration(samples, method: .peers))
        #expect(!calibration.isEarned, "\(calibration.gain)")
    }

    @Test func scoresTheWrongWayRoundAreNotEarned() throws {
        var random = SeededGenerator(seed: 3)
        let sample = BacktestSample(
            suggestions: Self.suggestions(clientCount: 3000, using: &random) { 1 - $0 }, seed: 1)
        #expect(try #require(Calibration([sample], method: .peers)).isEarned == false)
    }

    @Test func whatWasHiddenSaysNothing() {
        var random = SeededGenerator(seed: 4)
        let suggestions = Self.suggestions(clientCount: 500, using: &random) { $0 }
        #expect(
            Calibration([BacktestSample(suggestions: suggestions, kind: .leaveOneOut, seed: 1)], method: .peers) == nil)
        #expect(Calibration([], method: .peers) == nil)
        #expect(Calibration([BacktestSample(suggestions: [], seed: 1)], method: .peers) == nil)
    }

    @Test func equalScoresAreInOneBin() throws {
        let clients = (0..<400).map { client in
            (0..<5).map { (score: Double($0 % 2 + 1) / 4, isHit: (client + $0).isMultiple(of: 3)) }
        }
        let calibration = try #require(Calibration([BacktestSample(suggestions: clients, seed: 1)], method: .peers))
        #expect(calibration.bins.map(\.low) == [0.25, 0.5])
        #expect(calibration.bins.map(\.high) == [0.25, 0.5])
    }
}
