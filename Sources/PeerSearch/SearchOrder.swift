/// An order in which similar portfolios are neighbors, so that the bounds of a group of neighbors are tight.
///
/// Portfolios are ordered by their products, those with the highest values first, and then by the value of the first: the
/// products that weigh most decide. It depends on the content of the portfolios alone. Measured against recursive median
/// splits and splits along principal directions, with share and binary encoding, it left as few groups to visit as any
/// of them, and fewest with binary.
enum SearchOrder {
    /// Products that are compared; portfolios that agree in all of them stay in their order.
    private static let rankedProducts = 8

    private struct Key {
        /// Products by descending value, one byte or two for each, ascending indexes for equal values; 0 after the last.
        var first: UInt64
        var second: UInt64
        /// The highest value, relative to the portfolio's norm for cosine.
        var value: Float
        var portfolio: Int32
    }

    /// The portfolios in this order.
    ///
    /// - Complexity: O(n log n).
    static func order(of portfolios: Portfolios, value: (_ column: Int, _ portfolio: Int) -> Float) -> [Int32] {
        var ranked: [(value: Double, product: Int32)] = []
        var keys: [Key] = []
        keys.reserveCapacity(portfolios.count)
        for portfolio in 0..<portfolios.count {
            let columns = portfolios.columns(of: portfolio)
            ranked.removeAll(keepingCapacity: true)
            for column in columns {
                insert(portfolios.values[column], portfolios.products[column], into: &ranked)
            }
            var words: (UInt64, UInt64) = (0, 0)
            for place in 0..<rankedProducts {
                let product = place < ranked.count ? UInt64(UInt32(ranked[place].product)) + 1 : 0
                let word = min(product, 0xFFFF)
                if place < 4 { words.0 = words.0 << 16 | word } else { words.1 = words.1 << 16 | word }
            }
            var highest: Float = 0
            for column in columns { highest = max(highest, value(column, portfolio)) }
            keys.append(Key(first: words.0, second: words.1, value: highest, portfolio: Int32(portfolio)))
        }
        keys.sort { left, right in
            if left.first != right.first { return left.first < right.first }
            if left.second != right.second { return left.second < right.second }
            if left.value != right.value { return left.value < right.value }
            return left.portfolio < right.portfolio
        }
        return keys.map(\.portfolio)
    }

    /// Keeps the highest values, descending; of equal ones the product with the lower index first.
    private static func insert(
        _ value: Double, _ product: Int32, into ranked: inout [(value: Double, product: Int32)]
    ) {
        if ranked.count == rankedProducts {
            guard let last = ranked.last, value > last.value else { return }
            ranked.removeLast()
        }
        var place = ranked.count
        while place > 0 && ranked[place - 1].value < value { place -= 1 }
        ranked.insert((value, product), at: place)
    }
}
