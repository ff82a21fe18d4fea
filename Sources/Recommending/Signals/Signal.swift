/// Something that says how much a client may want a product that it lacks; scores are in 0...1.
public enum Signal: String, Sendable, Hashable, Codable, CaseIterable {
    /// The weighted share of the client's peers who hold it; the score of a run without a hybrid model.
    case peers
    /// How often those who hold one of the client's products hold it as well; see ``ItemMatrix``.
    case itemConditional = "item_conditional"
    /// A linear model of whole portfolios, EASE; see ``ItemMatrix``.
    case ease
    /// The share of all clients who hold it.
    case popularity
    /// The share of all clients who have lately added it.
    case recentPopularity = "recent_popularity"
    /// The share of the clients of the client's segment who hold it.
    case segmentPopularity = "segment_popularity"
    /// The weighted share of those peers who have lately added something that have added this product.
    case recentPeers = "recent_peers"
    /// How often those who hold one of the client's products have lately added it.
    case recentItemConditional = "recent_item_conditional"
    /// A linear model of what whole portfolios have lately added.
    case recentEASE = "recent_ease"
    /// How likely it is what a client with this portfolio and these attributes takes next; see ``SoftmaxModel``.
    case softmax

    /// The same question about what was lately added instead of what is held; nothing where there is none.
    package var recent: Signal? {
        switch self {
        case .peers: .recentPeers
        case .itemConditional: .recentItemConditional
        case .ease: .recentEASE
        default: nil
        }
    }

    /// The signals that have a weight of their own.
    public static let weighted: [Signal] = [
        .peers, .itemConditional, .ease, .popularity, .recentPopularity, .segmentPopularity, .softmax,
    ]
}
