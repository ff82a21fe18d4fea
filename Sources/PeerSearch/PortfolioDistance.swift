/// The distance of two distinct portfolios in Float64, with one fixed order of operations.
///
/// Sums run ascending by product. For vectors x and y:
///
/// - cosine: 1 - x·y / n, where x·y is summed over the shared products and n = √(|x|²|y|²): one root of the product, so
///   that equal vectors are at exactly 0. When |x|²|y|² leaves the normal range of Float64, n = √|x|² · √|y|².
/// - manhattan: Σ |x - y| over the products of either.
/// - euclidean: √ Σ (x - y)² over the products of either.
///
/// A distance below 0, which only rounding produces, is 0. The *scaled distance* is d · 10^decimals, rounded to the
/// nearest integer, ties to even; it is what distances are compared by. The rounded distance is the scaled distance
/// divided by 10^decimals.
struct PortfolioDistance: Sendable {
    let portfolios: Portfolios
    let metric: DistanceMetric
    /// 10^decimals, exact: the powers up to 10^22 are Float64 numbers.
    let scale: Double
    /// |x|² of each portfolio, within ``Portfolios/squaredNormRange``.
    let squaredNorms: [Double]

    init(portfolios: Portfolios, metric: DistanceMetric, decimals: Int) {
        self.portfolios = portfolios
        self.metric = metric
        scale = Self.scale(ofDecimals: decimals)
        squaredNorms = (0..<portfolios.count).map { portfolio in
            portfolios.values[portfolios.columns(of: portfolio)].reduce(0) { $0 + $1 * $1 }
        }
    }

    static func scale(ofDecimals decimals: Int) -> Double {
        (0..<decimals).reduce(1) { power, _ in power * 10 }
    }

    /// The scaled distance of two portfolios.
    ///
    /// - Parameter overlap: For cosine, x·y summed ascending by product; of no use to the other metrics.
    func scaled(from query: Int, to other: Int, overlap: Double) -> Double {
        let distance =
            switch metric {
            case .cosine: 1 - overlap / norm(of: query, and: other)
            case .manhattan: sumOverUnion(query, other) { abs($0 - $1) }
            case .euclidean: sumOverUnion(query, other) { ($0 - $1) * ($0 - $1) }.squareRoot()
            }
        return (max(0, distance) * scale).rounded(.toNearestOrEven)
    }

    private func norm(of query: Int, and other: Int) -> Double {
        let product = squaredNorms[query] * squaredNorms[other]
        if product.isNormal { return product.squareRoot() }
        return squaredNorms[query].squareRoot() * squaredNorms[other].squareRoot()
    }

    /// The sum of `term(x, y)` over the products that either portfolio holds, ascending.
    @inline(__always)
    private func sumOverUnion(_ query: Int, _ other: Int, term: (Double, Double) -> Double) -> Double {
        let products = portfolios.products.span
        let values = portfolios.values.span
        var left = portfolios.offsets[query]
        var right = portfolios.offsets[other]
        let leftEnd = portfolios.offsets[query + 1]
        let rightEnd = portfolios.offsets[other + 1]
        var sum = 0.0
        while left < leftEnd && right < rightEnd {
            let first = products[unchecked: left]
            let second = products[unchecked: right]
            // Without a branch: which of the two comes first cannot be predicted.
            let x = first <= second ? values[unchecked: left] : 0
            let y = second <= first ? values[unchecked: right] : 0
            sum += term(x, y)
            left &+= first <= second ? 1 : 0
            right &+= second <= first ? 1 : 0
        }
        while left < leftEnd {
            sum += term(values[unchecked: left], 0)
            left &+= 1
        }
        while right < rightEnd {
            sum += term(0, values[unchecked: right])
            right &+= 1
        }
        return sum
    }
}
