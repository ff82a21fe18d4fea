/// How holdings lie in the warehouse.
public struct HoldingsMapping: Sendable, Hashable {
    /// How products and amounts lie in columns.
    public enum Layout: Sendable, Hashable {
        /// One row per client and product. Without an amount column every row counts as the amount 1.
        case long(product: String, amount: String?)
        /// One row per client, one column of amounts per product; each entry is a column's name, or a pattern where `*`
        /// stands for any characters. Never empty.
        case wide(products: [String])
    }

    /// What a row is.
    public enum Kind: Sendable, Hashable {
        /// What a client holds, or a part of it.
        case positions
        /// What a client has bought or sold: amounts have a sign, or a column says which of the two it was.
        case transactions(Side?)
    }

    /// A column whose words say whether a transaction adds or takes away.
    public struct Side: Sendable, Hashable {
        /// The column.
        public var column: String
        /// The words of transactions that add their amount; compared by ``folded(_:)``.
        public var buy: [String]
        /// The words of those that take it away.
        public var sell: [String]

        /// Describes the column.
        public init(column: String, buy: [String], sell: [String]) {
            (self.column, self.buy, self.sell) = (column, buy, sell)
        }

        /// What words are compared by: without the white space around them, in lower case.
        public static func folded(_ word: some StringProtocol) -> String {
            guard let first = word.firstIndex(where: { !$0.isWhitespace }),
                let last = word.lastIndex(where: { !$0.isWhitespace })
            else { return "" }
            return word[first...last].lowercased()
        }
    }

    /// How rows are dated.
    public enum Dating: Sendable, Hashable {
        /// Every row counts.
        case undated
        /// The rows of the latest date in `column` that is not after the date of the run; where the column tells a time, those
        /// at most `window` before the latest time.
        case snapshot(column: String, window: Duration = .seconds(3600))
        /// The rows with `from` <= the date of the run < `to`, or <= `to` where that is inclusive; NULL means open on that
        /// side.
        case validity(from: String, to: String, isInclusive: Bool = false)
        /// The rows up to and including the date of the run; those where it is NULL are set aside.
        case trades(column: String)
    }

    /// The relation or query that has the holdings.
    public var source: SourceRelation
    /// The column with the client's id.
    public var client: String
    /// How products and amounts lie in columns.
    public var layout: Layout
    /// How rows are dated; always `.undated` for a query, which uses `:as_of` itself.
    public var dating: Dating
    /// What a row is.
    public var kind: Kind
    /// The amount that a client's summed amount in a product must exceed to count as held; finite, at least 0.
    public var minAmount: Double
    /// The name of the time zone whose days count, for the date of the run as well.
    public var timeZone: String

    /// Creates a mapping.
    public init(
        source: SourceRelation,
        client: String,
        layout: Layout,
        dating: Dating = .undated,
        kind: Kind = .positions,
        minAmount: Double = 0,
        timeZone: String = "UTC"
    ) {
        self.source = source
        self.client = client
        self.layout = layout
        self.dating = dating
        self.kind = kind
        self.minAmount = minAmount
        self.timeZone = timeZone
    }
}

extension HoldingsMapping {
    /// Whether the rows that are read depend on the date of the run.
    package var isDated: Bool { source.isDated || dating != .undated }
}
