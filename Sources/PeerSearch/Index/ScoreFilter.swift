internal import DistanceKernels

/// Discards portfolios that are certainly too far away, by Float32 scores alone.
///
/// What is said of products here holds for all columns of a vector, those of attributes included: the *size* of a
/// portfolio is the number of its columns. A *score* grows as the distance falls. With X and Y the norms of query and portfolio (1 for cosine, Σx for manhattan,
/// |x|² for euclidean) and M their overlap (x·y, or Σ min(x, y) for manhattan):
///
/// - cosine: score = x·y / (|x||y|) = 1 - d;
/// - manhattan: score = M - Y/2 = (X - d) / 2;
/// - euclidean: score = M - Y/2 = (X - d²) / 2.
///
/// Kernels compute it in Float32 from values that were rounded to Float32, starting with -Y/2 (0 for cosine) and adding
/// one term for every product of the query. Below, u = 2^-24, s is the size of the largest portfolio, and D is d, or d²
/// for euclidean. A portfolio may be discarded only if that is safe against every rounding error:
///
/// **Cosine.** Values are at most 1 and have a relative error of u each, a product one of u, and a sum of m terms one
/// of m·u of at most 1: together below e = (1.01·m + 4)·u, where m is the size of the query. (The factor covers the
/// terms of second order up to m = 160,000; values below 2^-60 are raised to it, which is lost in them.) The Float64
/// distance errs by less than 2^-47, see ``PortfolioDistance``. So if the Float64 distance, scaled and rounded, is at
/// most T, then 1 - d >= 1 - (T + 1/2) / 10^decimals - 2^-46, and the Float32 score is at least that minus e: the
/// *floor* of T. And if k clients have a Float32 score of at least S, then the Float64 distance of each is at most 1 -
/// S + e + 2^-46: that, scaled and rounded, is the *threshold* T of S.
///
/// **Manhattan and euclidean.** All values are scaled by a power of two, so that the largest norm is at most 1 and nothing
/// overflows. The start is off by at most u·Y/2, each of at most s additions by u times the partial sum, which lies
/// between -Y/2 and M, and the terms by at most 3u·M. With M <= (X + Y) / 2 the score errs by less than
/// u·(s + 3)·(X/2 + Y) <= g·(X + Y), g = (1.01·s + 6)·u, which leaves at least 2u·(X + Y) for the errors of the Float64
/// distance (below (4s + 16)·2^-53·(X + Y)) and of this code. Values below 2^-126 lose at most 2^-149 each, as does
/// each of their products: a = (s + 2)·2^-148 covers them. Every portfolio starts with g·Y + a on top, so its score
/// is too low by at most g·X, and too high by at most 2·(g·Y + a) + g·X:
///
/// - A distance of at most D implies a score of at least (X - D)/2 - g·X - a: the floor.
/// - A score of at least S implies D <= X - 2S + 2g·X + 4g·Y + 4a. Since Y <= 2X + 2D for both metrics, this is at most
///   (X·(1 + 16g) - 2S + 4a) / (1 - 16g): the threshold.
///
/// **Decisions.** Most scores leave no doubt of the rounded distance either: the Float64 distance lies in an interval
/// around what the score says, and if both ends of it are rounded to the same integer, so is everything between them,
/// because rounding is monotonic. Only where a middle between two integers falls into the interval does Float64 have to
/// measure. For cosine the interval is 1 - S, give or take e + 2^-46. For the others, with Y known, S - g·Y - a is (X -
/// D)/2 up to u·(m + 7)·(X/2 + Y) + a: the errors above with m additions instead of s, twice u·Y/2 for the rounding of
/// the start, and the same allowance for Float64. So D is X - 2·(S - g·Y - a), give or take u·(2.02·m + 14)·(X/2 + Y) +
/// 4a.
///
/// Multiplying by a power of two and by 10^decimals at once rounds no differently from one after the other.
///
/// Portfolios so large that 16g reaches 1/2 (a quarter of a million products) are not filtered at all.
struct ScoreFilter: Sendable {
    private let metric: DistanceMetric
    private let scale: Double
    /// A power of two that brings all values to at most 1; of no use for cosine.
    private let unit: Double
    private let inverseUnit: Double
    /// The relative margin g, and the absolute margin a.
    private let margin: Double
    private let leastMargin: Double

    init(vectors: PortfolioVectors, squaredNorms: [Double], distance: PortfolioDistance) {
        metric = distance.metric
        scale = distance.scale
        var largestSize = 0
        var largestNorm = 0.0
        for portfolio in 0..<vectors.count {
            let columns = vectors.columns(of: portfolio)
            largestSize = max(largestSize, columns.count)
            guard metric != .cosine else { continue }
            let norm =
                metric == .euclidean
                ? squaredNorms[portfolio].squareRoot() : vectors.values[columns].reduce(0, +)
            largestNorm = max(largestNorm, norm)
        }
        // Twice the norm, for the rounding of the root, and exact as a power of two.
        inverseUnit = largestNorm > 0 ? 2 * largestNorm.binade : 1
        unit = 1 / inverseUnit
        margin = (1.01 * Double(largestSize) + 6) * 0x1p-24
        leastMargin = Double(largestSize + 2) * 0x1p-148
    }

    /// What a value of a portfolio becomes in the kernels.
    ///
    /// - Parameter norm: |x| of the portfolio.
    func laneValue(_ value: Double, norm: Double) -> Float {
        // At least 2^-60: so the score by cosine is 0 exactly for those who share nothing.
        Float(metric == .cosine ? max(value / norm, 0x1p-60) : value * unit)
    }

    /// X or Y, by the values of a portfolio; scaled, at most 1.
    func norm(of values: some Sequence<Double>) -> Double {
        switch metric {
        case .cosine: 1
        case .manhattan: values.reduce(0) { $0 + $1 * unit }
        case .euclidean: values.reduce(0) { $0 + ($1 * unit) * ($1 * unit) }
        }
    }

    /// The score of a portfolio before any overlap, from its norm.
    func start(norm: Double) -> Float {
        guard metric != .cosine else { return 0 }
        return Float(-norm / 2 + margin * norm + leastMargin).nextUp
    }

    /// The least score that a portfolio can have whose scaled distance is at most the threshold of a score.
    ///
    /// - Parameters:
    ///   - score: A score that k clients reach.
    ///   - norm: X of the query.
    ///   - size: The columns of the query.
    /// - Returns: A score at most as high as `score`; minus infinity when nothing can be discarded.
    func floor(ofScore score: Double, norm: Double, size: Int) -> Float {
        let floor: Double
        switch metric {
        case .cosine:
            let error = (1.01 * Double(size) + 4) * 0x1p-24
            let distance = reach(ofDistance: 1 - score + error + 0x1p-46)
            floor = 1 - distance - 0x1p-46 - error
        case .manhattan, .euclidean:
            guard 16 * margin < 0.5 else { return -.infinity }
            let spread = max(0, (norm * (1 + 16 * margin) - 2 * score + 4 * leastMargin) / (1 - 16 * margin))
            let isSquared = metric == .euclidean
            let distance = reach(ofDistance: (isSquared ? spread.squareRoot() : spread) / unit) * unit
            floor =
                (norm - (isSquared ? distance * distance * (1 + 0x1p-50) : distance)) / 2 - margin * norm - leastMargin
        }
        return floor.isNaN ? -.infinity : Float(floor).nextDown
    }

    /// What scores tell of the scaled distances of portfolios, which they leave no doubt of mostly.
    ///
    /// - Parameters:
    ///   - norm: X of the query.
    ///   - size: The columns of the query.
    ///   - norms: Y of each portfolio, by its position; in memory that outlives the rule.
    func roundingRule(norm: Double, size: Int, norms: UnsafePointer<Double>) -> RoundingRule {
        switch metric {
        case .cosine:
            return RoundingRule(
                terms: nil, base: 1, scoreFactor: 1, termFactor: 0,
                radius: (1.01 * Double(size) + 4) * 0x1p-24 + 0x1p-46, radiusFactor: 0, isRoot: false, scale: scale)
        case .manhattan, .euclidean:
            let errorPerNorm = (2.02 * Double(size) + 14) * 0x1p-24
            let isSmall = 16 * margin < 0.5
            return RoundingRule(
                terms: norms, base: norm + 2 * leastMargin, scoreFactor: 2, termFactor: 2 * margin,
                radius: isSmall ? errorPerNorm * norm / 2 + 4 * leastMargin : .infinity, radiusFactor: errorPerNorm,
                isRoot: metric == .euclidean, scale: inverseUnit * scale)
        }
    }

    /// The largest distance that is rounded to the same scaled distance, up to an error that the margins cover.
    private func reach(ofDistance distance: Double) -> Double {
        let threshold = (max(0, distance) * (1 + 0x1p-49) * scale).rounded(.toNearestOrEven)
        return (threshold + 0.5) / scale * (1 + 0x1p-49)
    }
}
