/// Which of several models ranks best, as far as history can tell.
///
/// The best figure is the best of many tries, so a part of its lead is luck, and more of it the more models are tried. So
/// the simplest model counts whose loss to the best one, client by client, is within one standard error of that loss (L.
/// Breiman et al., "Classification and Regression Trees" (1984), section 3.4.3) and at most ``mostLoss``; and what it is
/// worth is measured where no choice has looked.
public struct ModelChoice: Sendable {
    /// What a model may lose in mean nDCG@10 for being simpler, however few clients there are to tell.
    static let mostLoss = 0.003

    /// What is known of a candidate.
    public struct Entry: Sendable {
        /// Its mean nDCG@10 where the choice is made.
        public let score: Estimate
        /// By how much it falls behind the best one there; 0 for that.
        public let loss: Estimate
        /// The standard error of the loss.
        public let lossError: Double
        /// Its mean nDCG@10 where no choice has looked.
        public let judged: Estimate
        /// By how much it is better there than the model in use.
        public let gain: Estimate
    }

    /// Why a candidate was chosen.
    public enum Reason: String, Sendable, Codable {
        /// Nothing is better.
        case best
        /// The best one is not clearly better, and less simple.
        case simplest
        /// The model in use is not clearly worse than what would be chosen otherwise.
        case kept
    }

    /// By candidate.
    public let entries: [Entry]
    /// The candidate with the best score, the first of several.
    public let best: Int
    /// The candidate that is chosen.
    public let chosen: Int
    /// Why.
    public let reason: Reason

    /// Chooses.
    ///
    /// - Parameters:
    ///   - trials: Where the choice is made, at least one window; with the same candidates, the simplest first.
    ///   - judges: Where the choice is judged, at least one window; likewise.
    ///   - current: The candidate that is in use, which is left only for one that is clearly better.
    /// - Throws: `CancellationError`.
    public init(trials: [ModelTrial], judges: [ModelTrial], current: Int) throws {
        let scores = try Self.means(trials)
        let judged = try Self.means(judges)
        precondition(scores.count == judged.count && scores.indices.contains(current), "candidates differ")
        let best = scores.indices.max { (scores[$0].value, $1) < (scores[$1].value, $0) } ?? 0
        let losses = scores.map { scores[best] - $0 }
        let errors = losses.map(\.standardError)
        let simplest = losses.indices.first { losses[$0].value <= min(errors[$0], Self.mostLoss) } ?? best
        let isClearlyBetter = (scores[simplest] - scores[current]).estimate.low > 0
        (self.best, chosen) = (best, isClearlyBetter ? simplest : current)
        reason = !isClearlyBetter && simplest != current ? .kept : simplest == best ? .best : .simplest
        entries = scores.indices.map { candidate in
            Entry(
                score: scores[candidate].estimate, loss: losses[candidate].estimate, lossError: errors[candidate],
                judged: judged[candidate].estimate, gain: (judged[candidate] - judged[current]).estimate)
        }
    }

    /// The mean of windows, by candidate.
    private static func means(_ trials: [ModelTrial]) throws -> [ResampledFigures.Column] {
        let windows = try trials.map { try $0.columns() }
        return (windows.first ?? []).indices.map { candidate in
            ResampledFigures.Column(mean: windows.map { $0[candidate] })
        }
    }
}

extension ResampledFigures.Column {
    /// The standard deviation of the replicates.
    fileprivate var standardError: Double {
        guard replicates.count > 1 else { return 0 }
        let count = Double(replicates.count)
        let mean = replicates.reduce(0, +) / count
        let squares = replicates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / (count - 1)).squareRoot()
    }
}
