/// Discards portfolios that are certainly beyond a threshold, by their norms and their overlap with the query alone.
///
/// A portfolio y may be within the threshold of a query x only if `overlap * slope(y) - offset(y) >= floor(x)`. The
/// margins below make this safe against every rounding error, so that a portfolio which fails the test need not be
/// measured. With u = 2^-53, a and b products in x and y, and m the products of either, at most a + b:
///
/// **Threshold.** The scaled distance is at most T only if fl(d · 10^decimals) <= T + 1/2, hence
/// d <= D = (T + 1/2) / 10^decimals · (1 + 4u). The computed D carries the factor 1 + 2^-49 for its own rounding.
///
/// **Cosine.** The measured quotient q = x·y / n has a relative error of at most 4u against the same (already rounded)
/// x·y and norms; the estimate e = x·y · r(y) · r(x), with r = 1 / √|.|², one of 6u. Both are at most 1 + 4u·a, so they
/// differ by less than 16u. 1 - q <= D, rounded once, then implies e >= 1 - D - 2^-47, which leaves 48u for the
/// roundings of D, of the difference and of the division by r(x).
///
/// **Manhattan.** Let X = Σx, Y = Σy and M = Σ min(x, y). The true distance is X + Y - 2M. The measured sum has m
/// terms, each rounded once, and differs by at most m·u·(X + Y). The estimate is made of three sums of a, b and at most
/// min(a, b) terms, together off by at most (a + b)·u·(X + Y), and of three more operations. Both differ by less than
/// (2(a + b) + 6)·u·(X + Y).
///
/// **Euclidean.** The same with X = |x|², Y = |y|², M = x·y <= (X + Y) / 2 and D². Each square is rounded twice, so the
/// measured sum differs by at most (m + 3)·u·(X + Y), the estimate by (2(a + b) + 6)·u·(X + Y), the root and the
/// square of D by 4u·D²; where D² > 2(X + Y) every portfolio passes anyway. Squares that underflow lose 2^-1075 each,
/// less than u·X, since X is at least the smallest normal number. Together less than (4(a + b) + 16)·u·(X + Y).
///
/// With s the size of the largest portfolio, both are less than g·(X + Y) for g = 2^-50·(2s + 2) = 8u·(2s + 2), which
/// leaves at least 8u·(X + Y) for the products with 1 - g. The test X + Y - 2M <= D + g·(X + Y) becomes
/// 2M - Y(1 - g) >= X(1 - g) - D.
struct DistanceFilter: Sendable {
    /// The factor of each portfolio's overlap.
    let slopes: [Double]
    /// What is taken off each portfolio's scaled overlap.
    let offsets: [Double]

    private let metric: DistanceMetric
    private let scale: Double

    init(distance: PortfolioDistance) {
        let portfolios = distance.portfolios
        metric = distance.metric
        scale = distance.scale
        if metric == .cosine {
            slopes = distance.squaredNorms.map { 1 / $0.squareRoot() }
            offsets = [Double](repeating: 0, count: portfolios.count)
        } else {
            let sizes = (0..<portfolios.count).lazy.map { portfolios.columns(of: $0).count }
            let margin = 0x1p-50 * Double(2 * (sizes.max() ?? 0) + 2)
            let sums =
                metric == .euclidean
                ? distance.squaredNorms
                : (0..<portfolios.count).map { portfolios.values[portfolios.columns(of: $0)].reduce(0, +) }
            slopes = [Double](repeating: 2, count: portfolios.count)
            offsets = sums.map { $0 * (1 - margin) }
        }
    }

    /// What is compared with the floor: a portfolio's overlap with the query, scaled.
    func scaledOverlap(_ overlap: Double, of portfolio: Int) -> Double {
        overlap * slopes[portfolio] - offsets[portfolio]
    }

    /// The least scaled overlap that a portfolio within the threshold can have.
    ///
    /// - Parameter threshold: A scaled distance, or infinity while every portfolio is of interest.
    /// - Returns: Minus infinity for an infinite threshold.
    func floor(of query: Int, threshold: Double) -> Double {
        let distance = (threshold + 0.5) / scale * (1 + 0x1p-49)
        return switch metric {
        case .cosine: (1 - distance - 0x1p-47) / slopes[query]
        case .manhattan: offsets[query] - distance
        case .euclidean: offsets[query] - distance * distance
        }
    }
}
