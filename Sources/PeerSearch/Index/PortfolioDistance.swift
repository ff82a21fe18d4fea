/// The distance of two encoded portfolios in Float64, with one fixed order of operations.
///
/// Sums run ascending by column, see ``PortfolioVectors``: products first, then attributes of clients, to which all that
/// is said of products here applies. For vectors x and y:
///
/// - cosine: 1 - x·y / n, where x·y is summed over the shared products and n = √(|x|²|y|²): one root of the product, so
///   that equal vectors are at exactly 0. When |x|²|y|² leaves the normal range of Float64, n = √|x|² · √|y|².
/// - manhattan: Σ |x - y| over the products of either.
/// - euclidean: √ Σ (x - y)² over the products of either.
///
/// A distance below 0, which only rounding produces, is 0. The *scaled distance* is d · 10^decimals, rounded to the
/// nearest integer, ties to even; it is what distances are compared by. The rounded distance is the scaled distance
/// divided by 10^decimals.
///
/// **Errors.** With u = 2^-53, a and b products in x and y: for cosine, the quotient has a relative error of at most
/// (a + 4)·u, less than 2^-47 of at most 1 for up to 60 products and covered by the margin of the filter beyond; the
/// sums of the others err by at most (a + b + 3)·u·(X + Y), with X = Σx or |x|².
struct PortfolioDistance: Sendable {
    let metric: DistanceMetric
    /// 10^decimals, exact: the powers up to 10^22 are Float64 numbers.
    let scale: Double

    init(metric: DistanceMetric, decimals: Int) {
        self.metric = metric
        scale = (0..<decimals).reduce(1) { power, _ in power * 10 }
    }

    /// |x|², within ``Portfolios/squaredNormRange``.
    static func squaredNorm(of values: ArraySlice<Double>) -> Double {
        values.reduce(0) { $0 + $1 * $1 }
    }

    /// The scaled distance of two portfolios.
    ///
    /// - Parameters:
    ///   - query: One of them.
    ///   - other: The other.
    ///   - queryValues: The value of each column in the query, 0 where it has none.
    @inline(__always)
    func scaled(
        from query: OrderedPortfolios.Record, to other: OrderedPortfolios.Record, queryValues: UnsafePointer<Double>
    ) -> Double {
        let distance =
            switch metric {
            case .cosine: 1 - overlap(with: other, queryValues) / norm(query.squaredNorm, other.squaredNorm)
            case .manhattan: sumOverUnion(query, other) { abs($0 - $1) }
            case .euclidean: sumOverUnion(query, other) { ($0 - $1) * ($0 - $1) }.squareRoot()
            }
        return Self.rounded(max(0, distance) * scale)
    }

    /// The scaled distance of two portfolios whose values are all 1: the same, bit for bit, as by their products, since
    /// every sum of whole numbers is exact.
    ///
    /// - Parameters:
    ///   - left: Products of one of them.
    ///   - right: Products of the other.
    ///   - shared: Products of both.
    func scaled(ofSizes left: Int, _ right: Int, shared: Int) -> Double {
        let differences = Double(left + right - 2 * shared)
        let distance =
            switch metric {
            case .cosine: 1 - Double(shared) / norm(Double(left), Double(right))
            case .manhattan: differences
            case .euclidean: differences.squareRoot()
            }
        return Self.rounded(max(0, distance) * scale)
    }

    /// The nearest integer, ties to even, of a number that is not negative.
    ///
    /// The same as `rounded(.toNearestOrEven)`, which is a function call on processors without an instruction for it.
    @inline(__always)
    static func rounded(_ value: Double) -> Double {
        // From here on, every number is an integer, and the sum rounds to one.
        let integersOnly = 0x1p52
        return value < integersOnly ? (value + integersOnly) - integersOnly : value
    }

    /// x·y, ascending by product.
    ///
    /// Products that only y holds add 0, which changes no bit of a sum that is not negative.
    @inline(__always)
    private func overlap(with other: OrderedPortfolios.Record, _ queryValues: UnsafePointer<Double>) -> Double {
        let (columns, values) = (other.columns, other.values)
        var sum = 0.0
        var column = 0
        while column < other.columnCount {
            sum += queryValues[Int(columns[column])] * values[column]
            sum += queryValues[Int(columns[column &+ 1])] * values[column &+ 1]
            sum += queryValues[Int(columns[column &+ 2])] * values[column &+ 2]
            sum += queryValues[Int(columns[column &+ 3])] * values[column &+ 3]
            column &+= OrderedPortfolios.columnsPerStep
        }
        return sum
    }

    @inline(__always)
    private func norm(_ left: Double, _ right: Double) -> Double {
        let product = left * right
        if product.isNormal { return product.squareRoot() }
        return left.squareRoot() * right.squareRoot()
    }

    /// The sum of `term(x, y)` over the columns that either portfolio has, ascending.
    @inline(__always)
    private func sumOverUnion(
        _ query: OrderedPortfolios.Record, _ other: OrderedPortfolios.Record, term: (Double, Double) -> Double
    ) -> Double {
        let (leftColumns, leftValues, leftEnd) = (query.columns, query.values, query.size)
        let (rightColumns, rightValues, rightEnd) = (other.columns, other.values, other.size)
        var left = 0
        var right = 0
        var sum = 0.0
        while left < leftEnd && right < rightEnd {
            let first = leftColumns[left]
            let second = rightColumns[right]
            // Without a branch: which of the two comes first cannot be predicted.
            let x = first <= second ? leftValues[left] : 0
            let y = second <= first ? rightValues[right] : 0
            sum += term(x, y)
            left &+= first <= second ? 1 : 0
            right &+= second <= first ? 1 : 0
        }
        while left < leftEnd {
            sum += term(leftValues[left], 0)
            left &+= 1
        }
        while right < rightEnd {
            sum += term(0, rightValues[right])
            right &+= 1
        }
        return sum
    }
}
