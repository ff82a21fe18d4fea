/// A score made of several signals.
public struct HybridModel: Sendable, Hashable {
    /// The weight of each signal that takes part, above 0.
    public let weights: [Signal: Double]

    /// Creates a model.
    ///
    /// - Parameter weights: Weights, finite and at least 0; signals without one do not take part.
    public init(weights: [Signal: Double]) {
        self.weights = weights.filter { $0.value > 0 }
    }

    /// The signals that take part.
    public var signals: [Signal] { Signal.allCases.filter { weights[$0] != nil } }

    /// Fuses the scores of one client.
    ///
    /// - Parameter scores: By signal, in the order of `Signal.allCases`, and by product; empty for signals that take no
    ///   part.
    /// - Returns: One score per product, 0...1.
    package func fuse(_ scores: [[Double]]) -> [Double] {
        var fused = [Double](repeating: 0, count: scores.map(\.count).max() ?? 0)
        var total = 0.0
        for (place, signal) in Signal.allCases.enumerated() {
            guard let weight = weights[signal], !scores[place].isEmpty else { continue }
            total += weight
            let highest = scores[place].max() ?? 0
            if highest <= 0 { continue }
            for product in fused.indices { fused[product] += weight * max(0, scores[place][product]) / highest }
        }
        return total == 0 ? fused : fused.map { $0 / total }
    }
}
