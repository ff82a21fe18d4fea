/// A product that peers hold and the client does not.
public struct Candidate: Sendable, Hashable {
    /// The product's index.
    public let product: Int32
    /// The weighted share of the peers who hold it, above 0 and at most 1.
    public let score: Double
    /// How many of the peers hold it, those at the k-th distance by their fraction; above 0.
    public let peersHolding: Double
}
