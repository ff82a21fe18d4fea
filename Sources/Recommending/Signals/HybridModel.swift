import Holdings

/// A score made of several signals.
///
/// What clients hold and what they have lately added are two answers to one question. With s the signals about what is
/// held and s' the same about additions (``Signal/recent``), w their weights and r the weight of recency,
///
///     H = Σ w s / Σ w        M = Σ w s' / Σ w
///     score = (H + ε)^(1 / (1 + r)) · (M + ε)^(r / (1 + r)) - ε
///
/// A geometric mean, because a product that nobody adds any more is a bad suggestion however many hold it. Where nothing
/// is known about additions, the score is H. Measured on FAR-Trans (nDCG@10, mean of three windows): peers alone 0.410,
/// H 0.417, with r = 1 0.424; means of ranks, of z-scores and of scores over their maximum were worse than plain means.
public struct HybridModel: Sendable, Hashable {
    /// Keeps a product that one side does not know at all from being the worst of all, whatever the other says.
    ///
    /// From 1e-9 to 1e-2, its value made no difference.
    private static let epsilon = 1e-3

    /// The weight of each signal of ``Signal/weighted`` that takes part, above 0.
    public let weights: [Signal: Double]
    /// How much recent additions count against holdings, at least 0: as much for 1.
    public let recency: Double

    /// The model that is compared with others while none is configured: peers, item-conditional probability and EASE, and
    /// their recent sides, all with the same weight.
    public static let standard = HybridModel(weights: [.peers: 1, .itemConditional: 1, .ease: 1], recency: 1)

    /// Creates a model.
    ///
    /// - Parameters:
    ///   - weights: Weights, finite and at least 0; signals without one do not take part.
    ///   - recency: The weight of recent additions, finite and at least 0.
    public init(weights: [Signal: Double], recency: Double) {
        self.weights = weights.filter { $0.value > 0 }
        self.recency = recency
    }

    /// The same weights without recent additions.
    package var withoutRecency: HybridModel {
        HybridModel(weights: weights.filter { $0.key != .recentPopularity }, recency: 0)
    }

    /// The signals that take part, in the order of `Signal.allCases`; none in a model without weights.
    public var signals: [Signal] {
        Signal.allCases.filter { signal in
            weights.keys.contains { $0 == signal || (recency > 0 && $0.recent == signal) }
        }
    }

    /// Whether it asks for what was lately added.
    package var needsHistory: Bool { recency > 0 || weights[.recentPopularity] != nil }

    /// Fuses the scores of one client.
    ///
    /// - Parameters:
    ///   - scores: The scores of ``signals``, as far as they are known.
    ///   - isLaunched: Whether recent additions say nothing about a product: it takes the place among additions that it
    ///     has among holdings.
    ///   - isRanked: Whether a product may be offered to the client at all.
    /// - Returns: One score per product, 0...1.
    package func fuse(_ scores: SignalScores, isLaunched: [Bool]?, isRanked: (Int) -> Bool) -> [Double] {
        var (fused, additions): ([Double], [Double]) = ([], [])
        fuse(scores, isLaunched: isLaunched, isRanked: isRanked, into: &fused, additions: &additions)
        return fused
    }

    /// Fuses the scores of one client in memory that is there already.
    ///
    /// - Parameters:
    ///   - fused: Receives one score per product, 0...1.
    ///   - additions: Scratch memory.
    func fuse(
        _ scores: SignalScores, isLaunched: [Bool]?, isRanked: (Int) -> Bool, into fused: inout [Double],
        additions: inout [Double]
    ) {
        _ = mean(scores, { $0 }, into: &fused)
        guard recency > 0, let isLaunched, mean(scores, \.recent, into: &additions) else { return }
        var (heldSum, addedSum) = (0.0, 0.0)
        for product in fused.indices where isRanked(product) && !isLaunched[product] {
            heldSum += fused[product]
            addedSum += additions[product]
        }
        let ratio = heldSum > 0 ? addedSum / heldSum : 0
        for product in fused.indices {
            let held = fused[product]
            let added = isLaunched[product] ? held * ratio : additions[product]
            if held == 0 && added == 0 { continue }
            // The clamp takes away what rounding may leave below 0.
            fused[product] = min(1, max(0, geometricMean(held, added)))
        }
    }

    /// The mean of the scores of both sides, which counts the second as much as ``recency`` says.
    private func geometricMean(_ held: Double, _ added: Double) -> Double {
        let (held, added) = (held + Self.epsilon, added + Self.epsilon)
        // The usual weight needs no logarithm, and a root is the same on every machine by itself.
        if recency == 1 { return (held * added).squareRoot() - Self.epsilon }
        let logarithm = (ReproducibleMath.log(held) + recency * ReproducibleMath.log(added)) / (1 + recency)
        return ReproducibleMath.exp(logarithm) - Self.epsilon
    }

    /// The weighted mean of the signals that `side` names.
    ///
    /// - Parameter mean: Receives one number per product, 0 when none of the signals is known.
    /// - Returns: Whether any of them is known.
    private func mean(_ scores: SignalScores, _ side: (Signal) -> Signal?, into mean: inout [Double]) -> Bool {
        mean.reset(count: scores.productCount)
        return mean.withUnsafeMutableBufferPointer { sums in
            var total = 0.0
            for signal in Signal.weighted {
                guard let weight = weights[signal], let signal = side(signal), !scores[signal].isEmpty else { continue }
                total += weight
                scores[signal].withUnsafeBufferPointer { values in
                    // EASE is not bound to 0...1.
                    for product in sums.indices { sums[product] += weight * min(1, max(0, values[product])) }
                }
            }
            guard total > 0 else { return false }
            for product in sums.indices { sums[product] /= total }
            return true
        }
    }
}
