/// Something that says how much a client may want a product that it lacks.
public enum Signal: String, Sendable, Hashable, Codable, CaseIterable {
    /// The weighted share of the client's peers who hold it; the score of a run without a hybrid model.
    case peers
    /// How often those who hold one of the client's products hold it as well; see ``ItemConditional``.
    case itemConditional = "item_conditional"
    /// A linear model of whole portfolios; see ``EASE``.
    case ease
    /// The share of all clients who hold it.
    case popularity
    /// The share of all clients who have lately added it.
    case recentPopularity = "recent_popularity"
    /// The share of the clients of the client's segment who hold it.
    case segmentPopularity = "segment_popularity"
}
