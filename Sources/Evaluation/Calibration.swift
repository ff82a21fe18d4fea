import Foundation
import Holdings

/// Whether a score of 0.4 comes true in 40 of 100 cases, and what it means instead.
///
/// About all clients with a portfolio, those who have added nothing included, and the products that each would have been
/// shown. Fitted on every window but the last, and proven on the last; of a single window, on one half of the clients
/// and on the other. What is used in the end is fitted on everything.
public struct Calibration: Sendable {
    /// Suggestions with scores in one range.
    public struct Bin: Sendable, Hashable {
        /// The least score.
        public let low: Double
        /// The greatest score.
        public let high: Double
        /// Suggestions.
        public let count: Int
        /// Their mean score.
        public let meanScore: Double
        /// Their mean calibrated score, by the function that had not seen them.
        public let meanPropensity: Double
        /// The share that came true, with Wilson's interval.
        public let observed: Estimate
    }

    /// Bins of the reliability table, of about as many suggestions each.
    static let binCount = 10

    /// The method that the scores are from.
    public let method: EvaluationMethod
    /// The reliability table, ascending by score.
    public let bins: [Bin]
    /// From scores to propensities, fitted on all windows.
    public let propensity: IsotonicRegression
    /// The mean squared error of calibrated scores on suggestions that they were not fitted on (Brier score).
    public let brier: Double
    /// That of one constant, the share that came true where they were fitted.
    public let constantBrier: Double
    /// `constantBrier - brier`, resampled by client.
    public let gain: Estimate

    /// The mean propensity of the suggestions that it was not fitted on.
    public let meanPropensity: Double
    /// The share of them that came true.
    public let meanOutcome: Double

    /// How far the means of what was said and of what came true may be apart, as a factor.
    ///
    /// How much is bought changes from window to window, and no function of the score can foresee that.
    static let mostBias = 1.5

    /// Whether propensities may be shown: they tell likely suggestions from unlikely ones better than a constant does, the
    /// whole interval above 0, and they are right on average.
    public var isEarned: Bool {
        let bias = meanPropensity / meanOutcome
        return gain.low > 0 && bias > 1 / Self.mostBias && bias < Self.mostBias
    }

    /// Calibrates the published method of some windows, earlier ones first.
    ///
    /// - Returns: Nothing for windows that are not temporal, or too small: whether a hidden product is found says
    ///   nothing about how soon somebody buys.
    public init?(_ samples: [BacktestSample], method: EvaluationMethod) {
        let suggestions = samples.filter { $0.window.kind == .temporal }.map(\.suggestions)
            .filter { !$0.isEmpty }
        guard let last = suggestions.last, let seed = samples.last?.seed else { return nil }
        var fitted = suggestions.dropLast().flatMap(\.self)
        var proving = last
        if fitted.isEmpty {
            func isFirstHalf(_ client: Int32) -> Bool {
                var random = SplitMix64(seed: seed &+ 1, stream: UInt64(client))
                return random.next(below: 2) == 0
            }
            fitted = last.filter { isFirstHalf($0.client) }
            proving = last.filter { !isFirstHalf($0.client) }
        }
        guard !fitted.isEmpty, !proving.isEmpty else { return nil }
        self.method = method
        let earlier = IsotonicRegression(fitted.map { ($0.score, $0.isHit) })
        let constant = Double(fitted.count(where: \.isHit)) / Double(fitted.count)
        propensity = IsotonicRegression(suggestions.flatMap(\.self).map { ($0.score, $0.isHit) })

        meanPropensity =
            proving.reduce(0) { $0 + earlier.share(at: $1.score) } / Double(proving.count)
        meanOutcome = Double(proving.count(where: \.isHit)) / Double(proving.count)

        // Per client: its suggestions, and both sums of squared errors.
        var rows: [Double] = []
        var previous: Int32 = -1
        for suggestion in proving {
            if suggestion.client != previous { rows.append(contentsOf: [0, 0, 0]) }
            previous = suggestion.client
            let outcome = suggestion.isHit ? 1.0 : 0
            let (error, constantError) = (earlier.share(at: suggestion.score) - outcome, constant - outcome)
            rows[rows.count - 3] += 1
            rows[rows.count - 2] += error * error
            rows[rows.count - 1] += constantError * constantError
        }
        let resampling = Resampling(clientCount: rows.count / 3, seed: seed)
        func gain(_ counts: [Double]) -> (brier: Double, constant: Double) {
            let means = resampling.means(of: rows, columnCount: 3, counts: counts)
            return (means[1] / means[0], means[2] / means[0])
        }
        var counts = [Double](repeating: 1, count: rows.count / 3)
        (brier, constantBrier) = gain(counts)
        let replicates = (0..<Resampling.replicateCount).map { replicate in
            resampling.draw(replicate, into: &counts)
            let (brier, constant) = gain(counts)
            return constant - brier
        }
        self.gain = Estimate(value: constantBrier - brier, replicates: replicates)
        bins = Self.bins(of: proving, earlier)
    }

    private static func bins(
        of suggestions: [BacktestSample.Suggestion], _ propensity: IsotonicRegression
    ) -> [Bin] {
        let sorted = suggestions.sorted { $0.score < $1.score }
        var bins: [Bin] = []
        var start = 0
        for bin in 1...binCount {
            var end = max(start, sorted.count * bin / binCount)
            // Equal scores stay together.
            while end > 0, end < sorted.count, sorted[end].score == sorted[end - 1].score { end += 1 }
            guard end > start else { continue }
            let members = sorted[start..<end]
            let count = Double(members.count)
            bins.append(
                Bin(
                    low: sorted[start].score, high: sorted[end - 1].score, count: members.count,
                    meanScore: members.reduce(0) { $0 + $1.score } / count,
                    meanPropensity: members.reduce(0) { $0 + propensity.share(at: $1.score) } / count,
                    observed: wilson(hits: members.count(where: \.isHit), of: members.count)))
            start = end
        }
        return bins
    }

    /// A share with its score interval for 95 of 100 cases, after Wilson (1927).
    private static func wilson(hits: Int, of count: Int) -> Estimate {
        let (share, n, z) = (Double(hits) / Double(count), Double(count), 1.959964)
        let center = share + z * z / (2 * n)
        let spread = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        let scale = 1 + z * z / n
        return Estimate(value: share, low: max(0, (center - spread) / scale), high: min(1, (center + spread) / scale))
    }
}
