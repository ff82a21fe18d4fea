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

    /// How rows are dated.
    public enum Dating: Sendable, Hashable {
        /// Every row counts.
        case undated
        /// The rows of the latest date in `column` that is not after the date of the run.
        case snapshot(column: String)
        /// The rows with `from` <= the date of the run < `to`; NULL means open on that side.
        case validity(from: String, to: String)
    }

    /// The relation or query that has the holdings.
    public var source: SourceRelation
    /// The column with the client's id.
    public var client: String
    /// How products and amounts lie in columns.
    public var layout: Layout
    /// How rows are dated; always `.undated` for a query, which uses `:as_of` itself.
    public var dating: Dating
    /// The amount that a client's summed amount in a product must exceed to count as held; finite, at least 0.
    public var minAmount: Double

    /// Creates a mapping.
    public init(
        source: SourceRelation,
        client: String,
        layout: Layout,
        dating: Dating = .undated,
        minAmount: Double = 0
    ) {
        self.source = source
        self.client = client
        self.layout = layout
        self.dating = dating
        self.minAmount = minAmount
    }
}

extension HoldingsMapping {
    /// Whether the rows that are read depend on the date of the run.
    package var isDated: Bool { source.isDated || dating != .undated }
}
