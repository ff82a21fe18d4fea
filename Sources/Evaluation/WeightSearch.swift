public import Recommending

/// Finds the weights of a hybrid model on windows of the past.
///
/// One weight after the other is tried at every value of a grid, until none helps any more. What makes one window better
/// has often made the next one worse, so a change is cross-validated: each window is divided into two halves of its
/// clients, no half may become worse, and those that change at all must gain ``leastGain`` on average.
///
/// How much recency counts is one number, and one window in which recent additions are known can tell it. The weights of
/// the signals take the shape of a window's products: on FAR-Trans, tuned to the first window alone, nDCG@10 of the
/// second fell from 0.431 to 0.427, with both halves of the first agreeing. So they take at least two windows.
public struct WeightSearch: Sendable {
    /// The values that are tried for the weight of a signal.
    static let grid: [Double] = [0, 0.25, 0.5, 1, 2, 4]
    /// The values that are tried for recency.
    ///
    /// No more than 1, at which what was lately added counts as much as what is held: how much it is worth beyond that
    /// belongs to the period. A recency of 2, which the search found on FAR-Trans, lost 0.013 nDCG@10 in a later window.
    static let recencyGrid = grid.filter { $0 <= 1 }
    /// What a change must add to the mean nDCG@10 of the halves that it changes.
    static let leastGain = 0.0005
    /// The signals whose weights are tried, and their recent sides.
    static let signals = Signal.allCases.filter { $0 != .softmax }
    /// Rounds over all weights.
    private static let mostRounds = 4

    /// The halves of all windows.
    private let folds: [(cases: [TuningCase], isLaunched: [Bool]?)]
    private let windowCount: Int
    private let start: HybridModel

    /// Prepares a search.
    ///
    /// - Parameters:
    ///   - samples: Backtests that have kept what weights are tried on, one per window.
    ///   - start: The weights to begin with.
    public init(_ samples: [BacktestSample], from start: HybridModel) {
        self.start = start
        windowCount = samples.count
        folds = samples.flatMap { sample in
            [0, 1].map { half in
                (sample.cases.compactMap { $0.filter { Int($0) % 2 == half } }, sample.isLaunched)
            }
        }
    }

    /// Searches.
    ///
    /// - Returns: The best weights that were found: those of the start when nothing is better in every window.
    /// - Throws: `CancellationError`.
    /// - Complexity: At most four rounds of six values for each of six weights and four of recency, each over all clients.
    public func best() async throws -> HybridModel {
        var best = start
        var gains = try await gains(of: best)
        for _ in 0..<Self.mostRounds {
            let before = best
            for change in Change.allCases where change == .recency || windowCount > 1 {
                var (chosen, chosenGains) = (best, gains)
                for value in change == .recency ? Self.recencyGrid : Self.grid {
                    let candidate = change.applied(to: best, value)
                    guard candidate != best, !candidate.weights.isEmpty else { continue }
                    let found = try await self.gains(of: candidate)
                    let changes = zip(found, gains).map { $0 - $1 }.filter { $0 != 0 }
                    guard let least = changes.min(), least > 0, mean(changes) >= Self.leastGain else { continue }
                    if mean(found) > mean(chosenGains) {
                        (chosen, chosenGains) = (candidate, found)
                    }
                }
                (best, gains) = (chosen, chosenGains)
            }
            if best == before { break }
        }
        return best
    }

    /// A weight that can be tried at another value.
    private enum Change: CaseIterable {
        case recency, peers, itemConditional, ease, popularity, recentPopularity, segmentPopularity

        func applied(to model: HybridModel, _ value: Double) -> HybridModel {
            let signal: Signal? =
                switch self {
                case .recency: nil
                case .peers: .peers
                case .itemConditional: .itemConditional
                case .ease: .ease
                case .popularity: .popularity
                case .recentPopularity: .recentPopularity
                case .segmentPopularity: .segmentPopularity
                }
            guard let signal else { return HybridModel(weights: model.weights, recency: value) }
            return HybridModel(
                weights: model.weights.merging([signal: value]) { $1 }, recency: model.recency)
        }
    }

    /// The mean nDCG@10 of each half.
    private func gains(of model: HybridModel) async throws -> [Double] {
        try await withThrowingTaskGroup(of: (Int, Double).self) { group in
            for fold in folds.indices {
                group.addTask { (fold, try meanGain(of: model, fold: fold)) }
            }
            var gains = [Double](repeating: 0, count: folds.count)
            for try await (fold, gain) in group { gains[fold] = gain }
            return gains
        }
    }

    private func meanGain(of model: HybridModel, fold: Int) throws -> Double {
        let column = Metric.byClient.firstIndex(of: .primary) ?? 0
        var ranking = RankedGroups()
        var sum = 0.0
        var clients = 0
        for tuningCase in folds[fold].cases {
            try Task.checkCancellation()
            var scores = model.fuse(
                tuningCase.scores, isLaunched: folds[fold].isLaunched, isRanked: { tuningCase.isRanked[$0] })
            for product in scores.indices where !tuningCase.isRanked[product] { scores[product] = .nan }
            ranking.rank(scores: scores, depth: Metric.primary.cutoff)
            for (_, products) in tuningCase.added {
                var row: [Double] = []
                ClientMetrics.append(
                    ranking, isRelevant: products.contains, relevantCount: products.count, to: &row)
                sum += row[column]
                clients += 1
            }
        }
        return clients == 0 ? 0 : sum / Double(clients)
    }

    private func mean(_ gains: [Double]) -> Double {
        gains.reduce(0, +) / Double(max(1, gains.count))
    }
}
