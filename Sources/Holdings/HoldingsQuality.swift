/// What was found in the rows that holdings were built from.
///
/// Products and clients are final indexes, in the order of ids. Nothing here depends on the order of the rows.
public struct HoldingsQuality: Sendable, Hashable {
    /// A client and a product.
    public struct Pair: Sendable, Hashable, Comparable {
        /// The client's index.
        public let client: Int32
        /// The product's index.
        public let product: Int32

        /// Creates a pair.
        public init(client: Int32, product: Int32) {
            self.client = client
            self.product = product
        }

        /// Ascending by client, then by product.
        public static func < (left: Pair, right: Pair) -> Bool {
            (left.client, left.product) < (right.client, right.product)
        }
    }

    /// How often something was found, and where.
    public struct Finding: Sendable, Hashable {
        /// Rows, or pairs where the finding says so.
        public internal(set) var count = 0
        /// The first distinct pairs concerned, ascending; at most ``exampleLimit``.
        public internal(set) var examples: [Pair] = []

        /// The most pairs that are named.
        public static let exampleLimit = 5

        mutating func add(_ pair: Pair, count added: Int = 1) {
            count += added
            // Most findings are full and come in ascending order: one comparison.
            if examples.count == Self.exampleLimit, let last = examples.last, pair >= last { return }
            let position = examples.firstIndex { $0 >= pair } ?? examples.count
            if position < examples.count && examples[position] == pair { return }
            examples.insert(pair, at: position)
            if examples.count > Self.exampleLimit { examples.removeLast() }
        }
    }

    /// Rows that were read.
    public internal(set) var rowCount = 0
    /// Rows without an amount; set aside.
    public internal(set) var nullAmounts = Finding()
    /// Rows whose amount is not a number; set aside.
    public internal(set) var notANumberAmounts = Finding()
    /// Rows whose amount is infinite, set aside, and pairs whose amounts overflow when summed, not held.
    public internal(set) var infiniteAmounts = Finding()
    /// Rows whose amount is below 0; they take part in their pair's sum.
    public internal(set) var negativeAmounts = Finding()
    /// Rows beyond the first of their pair, among those that take part in sums.
    public internal(set) var duplicateRows = Finding()
    /// Pairs whose summed amount is not greater than the least amount, so that they are not held.
    public internal(set) var pairsNotHeld = Finding()

    /// Rows that were set aside for their amount.
    public var rowsSetAside: Int { rowCount - rowsSummed }

    /// Rows that took part in a sum.
    public internal(set) var rowsSummed = 0

    init() {}
}
