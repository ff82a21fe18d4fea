public import Recommending

/// A model that can be chosen: what a run scores with.
public struct ModelCandidate: Sendable, Hashable {
    /// What people call it, such as `peers, k = 200`.
    public let name: String
    /// How many peers vote.
    public let k: Int
    /// What the score is made of; nothing for the votes of peers alone.
    public let hybrid: HybridModel?

    /// Describes a model.
    public init(name: String, k: Int, hybrid: HybridModel? = nil) {
        self.name = name
        self.k = k
        self.hybrid = hybrid
    }

    /// The method that a backtest ranks by.
    public var method: EvaluationMethod { hybrid == nil ? .peers : .hybrid }

    /// The models that are tried, the simplest first.
    ///
    /// - Parameters:
    ///   - k: How many peers vote where they are one signal of several.
    ///   - knowsRecentAdditions: Whether it is known what clients have lately added; without it, recency says nothing.
    public static func all(k: Int, knowsRecentAdditions: Bool) -> [ModelCandidate] {
        let mixture = HybridModel.standard.weights
        let recencies: [(name: String, value: Double)] =
            [("", 0)] + (knowsRecentAdditions ? [(", recency 0.5", 0.5), (", recency 1", 1)] : [])
        return [200, 50, 500].map { ModelCandidate(name: "peers, k = \($0)", k: $0) }
            + [("item-conditional", Signal.itemConditional), ("EASE", .ease)].map { name, signal in
                ModelCandidate(name: name, k: k, hybrid: HybridModel(weights: [signal: 1], recency: 0))
            }
            + recencies.map { name, recency in
                ModelCandidate(
                    name: "hybrid 1:1:1\(name)", k: k, hybrid: HybridModel(weights: mixture, recency: recency))
            }
            + [ModelCandidate(name: "softmax", k: k, hybrid: HybridModel(weights: [.softmax: 1], recency: 0))]
    }
}
