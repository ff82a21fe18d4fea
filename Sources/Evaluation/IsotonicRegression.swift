/// A step function that does not fall, fitted to what was observed.
///
/// By pooling adjacent violators: R. Barlow et al., "Statistical Inference under Order Restrictions" (1972); as a
/// calibration of scores: B. Zadrozny and C. Elkan, "Transforming Classifier Scores into Accurate Multiclass Probability
/// Estimates" (KDD 2002).
public struct IsotonicRegression: Sendable, Hashable {
    /// Where each step begins, ascending.
    public let scores: [Double]
    /// The share of hits on each step, ascending, 0...1.
    public let shares: [Double]

    /// Restores a function that was fitted before.
    ///
    /// - Parameters:
    ///   - scores: Where each step begins, ascending.
    ///   - shares: The share on each step, as many, ascending.
    package init(scores: [Double], shares: [Double]) {
        precondition(scores.count == shares.count, "every step has a share")
        self.scores = scores
        self.shares = shares
    }

    /// Fits the function of least squares.
    ///
    /// - Parameter observations: Scores with whether each was a hit, in any order.
    /// - Complexity: O(n log n).
    init(_ observations: [(score: Double, isHit: Bool)]) {
        struct Block {
            var start: Double
            var hits: Double
            var count: Double
            var share: Double { hits / count }
        }
        var blocks: [Block] = []
        for observation in observations.sorted(by: { $0.score < $1.score }) {
            let hits = observation.isHit ? 1.0 : 0
            // Equal scores are one observation: they get one share, whatever their order.
            if let last = blocks.indices.last, blocks[last].start == observation.score {
                blocks[last].hits += hits
                blocks[last].count += 1
            } else {
                blocks.append(Block(start: observation.score, hits: hits, count: 1))
            }
        }
        var pooled: [Block] = []
        for block in blocks {
            pooled.append(block)
            while pooled.count > 1, pooled[pooled.count - 2].share >= pooled[pooled.count - 1].share {
                let last = pooled.removeLast()
                pooled[pooled.count - 1].hits += last.hits
                pooled[pooled.count - 1].count += last.count
            }
        }
        scores = pooled.map(\.start)
        shares = pooled.map(\.share)
    }

    /// The share at a score: that of the step it is on, of the first step for lower ones; 0 without observations.
    public func share(at score: Double) -> Double {
        var low = 0
        var high = scores.count
        while low < high {
            let middle = (low + high) / 2
            if scores[middle] <= score { low = middle + 1 } else { high = middle }
        }
        return shares.isEmpty ? 0 : shares[max(0, low - 1)]
    }
}
