/// A way to rank the products that a client lacks.
public enum EvaluationMethod: String, Sendable, Hashable, Codable, CaseIterable {
    /// Informative peers: the scores of a run without a hybrid model.
    case peers
    /// The hybrid model.
    case hybrid
    /// Most holders first, the same for everybody.
    case popularity
    /// Item-conditional probability.
    case itemConditional = "item_conditional"
    /// EASE.
    case ease
    /// The nearest neighbors, informative or not.
    case naiveKNN = "naive_knn"

    /// What a model must be better than to be worth its cost.
    public static let baselines: [EvaluationMethod] = [.popularity, .itemConditional, .ease, .naiveKNN]
    /// What can be published.
    public static let models: [EvaluationMethod] = [.peers, .hybrid]
}
