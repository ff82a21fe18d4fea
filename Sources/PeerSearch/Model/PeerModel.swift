/// What a client's peers are: the settings under `model` in the configuration.
public struct PeerModel: Sendable, Hashable {
    /// How portfolios become vectors.
    public var encoding: Encoding
    /// How the distance of two vectors is measured.
    public var distance: DistanceMetric
    /// Decimal places that distances are rounded to, 0...15.
    public var decimals: Int
    /// Peers per client, at least 1.
    public var k: Int
    /// Whether only portfolios count as peers that hold a product which the client lacks.
    public var isInformative: Bool
    /// Products that a peer must share with the client, at least 0.
    public var minOverlap: Int

    /// The decimal places that make sense: 10^15 is about the precision of Float64.
    public static let decimalsRange = 0...15

    /// Creates a model; the defaults are those of the configuration.
    ///
    /// - Precondition: `decimals` is within 0...15, `k` at least 1, `minOverlap` at least 0.
    public init(
        encoding: Encoding = .binary,
        distance: DistanceMetric = .cosine,
        decimals: Int = 4,
        k: Int = 200,
        isInformative: Bool = true,
        minOverlap: Int = 1
    ) {
        precondition(Self.decimalsRange.contains(decimals), "decimals must be within 0...15")
        precondition(k >= 1, "k must be at least 1")
        precondition(minOverlap >= 0, "minOverlap must not be negative")
        self.encoding = encoding
        self.distance = distance
        self.decimals = decimals
        self.k = k
        self.isInformative = isInformative
        self.minOverlap = minOverlap
    }
}

extension PeerModel: Encodable {
    private enum CodingKeys: String, CodingKey {
        case encoding
        case distance
        case decimals
        case k
        case isInformative = "informative"
        case minOverlap = "min_overlap"
    }
}
