/// A product that the client does not hold and that the peers speak for.
public struct Candidate: Sendable, Hashable {
    /// The product's index.
    public let product: Int32
    /// The weighted share of the peers who hold it, or of those who hold what it is made of, if that is more; above 0
    /// and at most 1.
    public let score: Double
    /// How many of the peers hold it, those at the k-th distance by their fraction; 0 only for `COMPONENTS`, where no peer
    /// with a weight holds it.
    public let peersHolding: Double
    /// `PEERS`, or `COMPONENTS` if what it is made of decided.
    public let reason: ReasonCode
}
