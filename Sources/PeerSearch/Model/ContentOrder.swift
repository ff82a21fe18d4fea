internal import Holdings

/// The order of different portfolios by their content: by the list of products, then by the values, then by attributes.
///
/// What decides nearly always is kept beside each number, so that sorting looks at a portfolio only where it does not:
/// as many products as fit into 64 bits, and the first value.
struct ContentOrder: Sendable {
    /// A portfolio, with what mostly decides on its place.
    struct Key: Sendable {
        /// The first products, each plus 1, in fields of equal width from the highest bits down; 0 where there are no more.
        let products: UInt64
        /// The bits of the first value, which are in the order of values; 0 where not all products fit.
        let value: UInt64
        /// A number of the caller's.
        let number: Int32
        /// A client who has the portfolio.
        let client: Int32
    }

    /// Keys that are sorted in one piece: a few milliseconds of work.
    private static let runLength = 1 << 14

    private let holdings: ClientHoldings
    private let values: [Double]
    private let attributes: AttributeVectors?
    private let fieldWidth: Int

    /// Orders portfolios of clients, by their encoded values.
    init(_ holdings: ClientHoldings, values: [Double], attributes: AttributeVectors?) {
        self.holdings = holdings
        self.values = values
        self.attributes = attributes
        fieldWidth = max(1, Int.bitWidth - holdings.productCount.leadingZeroBitCount)
    }

    /// The numbers of some portfolios in their order.
    ///
    /// - Parameter clients: Who has each portfolio; no two of them the same.
    /// - Throws: `CancellationError`.
    /// - Complexity: O(n log n) comparisons.
    func sorted(_ clients: [Int32]) throws -> [Int32] {
        var runs = try (0..<Self.runCount(clients)).map { try run($0, of: clients) }
        while runs.count > 1 { runs = try (0..<(runs.count + 1) / 2).map { try merged(pair: $0, of: runs) } }
        return runs.first?.map(\.number) ?? []
    }

    /// The same with some tasks at once.
    func sorted(_ clients: [Int32], width: Int) async throws -> [Int32] {
        var runs = try await mapInParallel(Self.runCount(clients), width: width) { try run($0, of: clients) }
        while runs.count > 1 {
            let before = runs
            runs = try await mapInParallel((runs.count + 1) / 2, width: width) { try merged(pair: $0, of: before) }
        }
        return runs.first?.map(\.number) ?? []
    }

    private static func runCount(_ clients: [Int32]) -> Int { (clients.count + runLength - 1) / runLength }

    /// Sorts a part of the portfolios.
    private func run(_ number: Int, of clients: [Int32]) throws -> [Key] {
        try Task.checkCancellation()
        let first = number * Self.runLength
        var keys = (first..<min(first + Self.runLength, clients.count)).map { key(number: $0, client: clients[$0]) }
        keys.sort(by: precedes)
        return keys
    }

    /// Merges two neighbors of sorted runs; the last one may be alone.
    private func merged(pair: Int, of runs: [[Key]]) throws -> [Key] {
        try Task.checkCancellation()
        let left = runs[2 * pair]
        guard 2 * pair + 1 < runs.count else { return left }
        let right = runs[2 * pair + 1]
        return [Key](unsafeUninitializedCapacity: left.count + right.count) { keys, count in
            var (fromLeft, fromRight) = (0, 0)
            while fromLeft < left.count && fromRight < right.count {
                let isRight = precedes(right[fromRight], left[fromLeft])
                keys.initializeElement(at: count, to: isRight ? right[fromRight] : left[fromLeft])
                count += 1
                fromRight += isRight ? 1 : 0
                fromLeft += isRight ? 0 : 1
            }
            for rest in [left[fromLeft...], right[fromRight...]] {
                for key in rest {
                    keys.initializeElement(at: count, to: key)
                    count += 1
                }
            }
        }
    }

    private func key(number: Int, client: Int32) -> Key {
        let pairs = holdings.pairs(ofClient: Int(client))
        let fieldCount = UInt64.bitWidth / fieldWidth
        var products: UInt64 = 0
        for place in 0..<fieldCount {
            products <<= UInt64(fieldWidth)
            if place < pairs.count { products |= UInt64(holdings.products[pairs.lowerBound + place]) + 1 }
        }
        // One field less: so whose keys are the same are either both complete, or neither is.
        let isComplete = !pairs.isEmpty && pairs.count < fieldCount
        return Key(
            products: products, value: isComplete ? values[pairs.lowerBound].bitPattern : 0, number: Int32(number),
            client: client)
    }

    @inline(__always)
    private func precedes(_ left: Key, _ right: Key) -> Bool {
        if left.products != right.products { return left.products < right.products }
        if left.value != right.value { return left.value < right.value }
        return precedesByAll(Int(left.client), Int(right.client))
    }

    /// The definition.
    private func precedesByAll(_ left: Int, _ right: Int) -> Bool {
        let (leftPairs, rightPairs) = (holdings.pairs(ofClient: left), holdings.pairs(ofClient: right))
        let shared = min(leftPairs.count, rightPairs.count)
        for place in 0..<shared {
            let first = holdings.products[leftPairs.lowerBound + place]
            let second = holdings.products[rightPairs.lowerBound + place]
            if first != second { return first < second }
        }
        if leftPairs.count != rightPairs.count { return leftPairs.count < rightPairs.count }
        for place in 0..<shared {
            let (first, second) = (values[leftPairs.lowerBound + place], values[rightPairs.lowerBound + place])
            if first != second { return first < second }
        }
        return attributes?.precedes(left, right) ?? false
    }
}
