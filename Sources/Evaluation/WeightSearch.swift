public import Recommending

/// Finds the weights of a hybrid model on windows of the past.
///
/// One weight after the other is tried at every value of a grid, until none helps any more. What makes one window better
/// has often made the next one worse (on FAR-Trans, tuning to the first window alone took nDCG@10 from 0.426 to 0.421),
/// so a change must hold in every window: none may become worse, and their mean must gain at least ``leastGain``. Where
/// just one window is there, its clients are divided into two halves by their index, and both must agree.
public struct WeightSearch: Sendable {
    /// The values that are tried.
    static let grid: [Double] = [0, 0.25, 0.5, 1, 2, 4]
    /// What a change must add to the mean nDCG@10 of the windows.
    static let leastGain = 0.0005
    /// Rounds over all weights.
    private static let mostRounds = 4

    private let folds: [[TuningCase]]
    private let isLaunched: [[Bool]?]
    private let start: HybridModel

    /// Prepares a search.
    ///
    /// - Parameters:
    ///   - samples: Backtests that have kept what weights are tried on, one per window.
    ///   - start: The weights to begin with.
    public init(_ samples: [BacktestSample], from start: HybridModel) {
        self.start = start
        if let only = samples.first, samples.count == 1 {
            folds = [0, 1].map { half in
                only.cases.compactMap { tuningCase in
                    tuningCase.filter { Int($0) % 2 == half }
                }
            }
            isLaunched = [only.isLaunched, only.isLaunched]
        } else {
            folds = samples.map(\.cases)
            isLaunched = samples.map(\.isLaunched)
        }
    }

    /// Searches.
    ///
    /// - Returns: The best weights that were found: those of the start when nothing is better in every window.
    /// - Throws: `CancellationError`.
    /// - Complexity: At most four rounds of six values for each of seven weights, each over all clients.
    public func best() async throws -> HybridModel {
        var best = start
        var gains = try await gains(of: best)
        for _ in 0..<Self.mostRounds {
            let before = best
            for change in Change.allCases {
                var (chosen, chosenGains) = (best, gains)
                for value in Self.grid {
                    let candidate = change.applied(to: best, value)
                    guard candidate != best, !candidate.weights.isEmpty else { continue }
                    let found = try await self.gains(of: candidate)
                    let isWorseSomewhere = zip(found, gains).contains { $0 < $1 }
                    if !isWorseSomewhere, mean(found) >= mean(gains) + Self.leastGain, mean(found) > mean(chosenGains) {
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

    /// The mean nDCG@10 of each window.
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
        for tuningCase in folds[fold] {
            try Task.checkCancellation()
            var scores = model.fuse(
                tuningCase.scores, isLaunched: isLaunched[fold], isRanked: { tuningCase.isRanked[$0] })
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
