/// The snapshot that holdings were read from, and what tells whether it is whole.
public struct HoldingsSnapshot: Sendable, Hashable {
    /// How much a snapshot has.
    public struct Size: Sendable, Hashable {
        /// The day; with times also the hour and minute of its latest row.
        public var name: String
        /// Rows with a client and, where rows have one, a product.
        public var rows: Int
        /// Different clients in them.
        public var clients: Int
    }

    /// What the day of a snapshot has before the load that counts.
    public struct WholeDay: Sendable, Hashable {
        /// Clients of the whole day, and those of them that the load does not have.
        public var clients, clientsMissing: Int
        /// The same of rows that are one for each client and product.
        public var pairs, pairsMissing: Int
    }

    /// Its day, `YYYY-MM-DD`.
    public var date: String
    /// What was read.
    public var size: Size
    /// The snapshot before it; nil for the first, and where nobody asks.
    public var previous: Size?
    /// Nil unless the day has rows that are too early for the load that counts.
    public var wholeDay: WholeDay?
    /// Whether the rows that count have different times.
    public var hasSeveralTimes = false
    /// Whether there are rows right before those that count, which seem to come from the same load.
    public var isCutByWindow = false
}
