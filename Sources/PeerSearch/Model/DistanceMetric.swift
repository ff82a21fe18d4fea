/// How far apart two encoded portfolios are.
///
/// A distance is computed in Float64 with one fixed order of summation, ascending by product, and then rounded; see
/// ``PortfolioDistance``.
public enum DistanceMetric: String, Sendable, Hashable, Codable, CaseIterable {
    /// 1 - x·y / (|x| |y|), 0...1 for vectors without negative values.
    case cosine
    /// Σ |x - y|.
    case manhattan
    /// √ Σ (x - y)².
    case euclidean

    /// The weight of a peer's vote at a distance: 1 - d for cosine, 1 / (1 + d) for the others.
    ///
    /// - Parameter distance: A rounded distance, not negative.
    /// - Returns: A weight, 0...1.
    public func weight(ofDistance distance: Double) -> Double {
        switch self {
        case .cosine: 1 - distance
        case .manhattan, .euclidean: 1 / (1 + distance)
        }
    }
}
