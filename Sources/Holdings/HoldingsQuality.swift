/// What was found in the rows that holdings were built from.
///
/// Products and clients are final indexes, in the order of ids. Nothing here depends on the order of the rows.
public struct HoldingsQuality: Sendable, Hashable {
    /// How often something was found, and where.
    public struct Occurrences: Sendable, Hashable {
        /// Rows, or pairs where that is said.
        public internal(set) var count = 0
        /// The first distinct pairs concerned, ascending; at most ``exampleLimit``.
        public internal(set) var examples: [ClientProduct] = []

        /// The most pairs that are named.
        public static let exampleLimit = 5

        mutating func add(_ pair: ClientProduct, count added: Int = 1) {
            count += added
            // Most are full and come in ascending order: one comparison.
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
    public internal(set) var nullAmounts = Occurrences()
    /// Rows whose amount is not a number; set aside.
    public internal(set) var notANumberAmounts = Occurrences()
    /// Rows whose amount is infinite, set aside, and pairs whose amounts overflow when summed, not held.
    public internal(set) var infiniteAmounts = Occurrences()
    /// Rows whose amount is below 0; they take part in their pair's sum.
    public internal(set) var negativeAmounts = Occurrences()
    /// Rows beyond the first of their pair, among those that take part in sums.
    public internal(set) var duplicateRows = Occurrences()
    /// Pairs whose summed amount is below 0, by more than rounding; not held.
    public internal(set) var negativeSums = Occurrences()
    /// Pairs whose summed amount is not greater than the least amount, so that they are not held.
    public internal(set) var pairsNotHeld = Occurrences()

    /// Rows that were set aside for their amount.
    public var rowsSetAside: Int { rowCount - rowsSummed }

    /// Rows that took part in a sum.
    public internal(set) var rowsSummed = 0

    /// Nothing was found.
    package init() {}
}
