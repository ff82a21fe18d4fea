/// Why a product is recommended.
public enum ReasonCode: String, Sendable, Hashable, CaseIterable {
    /// The client's peers hold it.
    case peers = "PEERS"
    /// The client's peers hold what it is made of, or what is most like it.
    case components = "COMPONENTS"
    /// Other signals of a hybrid model speak for it; no peer holds it.
    case hybrid = "HYBRID"
    /// It is popular; the peers had nothing to offer.
    case popular = "POPULAR"
}

/// A product that the client does not hold and that its peers, or other signals, speak for.
public struct Candidate: Sendable, Hashable {
    /// The product's index.
    public let product: Int32
    /// The weighted share of the peers who hold it, or the score of a hybrid model, or that of what it is made of, if that
    /// is more; above 0 and at most 1.
    public let score: Double
    /// How many of the peers hold it, those at the k-th distance by their fraction; 0 only for `COMPONENTS` and `HYBRID`,
    /// where no peer with a weight holds it.
    public let peersHolding: Double
    /// `PEERS`, `HYBRID` where only other signals speak for it, or `COMPONENTS` if what it is made of decided.
    public let reason: ReasonCode
}
