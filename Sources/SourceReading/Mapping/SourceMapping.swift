import Holdings

/// Where the warehouse keeps what a run reads: the relations and the columns in them.
///
/// Column names are names as PostgreSQL keeps them, never SQL text. Nothing here has been compared with a database yet:
/// a relation or column may still turn out not to exist.
public struct SourceMapping: Sendable, Hashable {
    /// Who holds what.
    public var holdings: HoldingsMapping
    /// The clients, those without holdings included, or nil to know only the clients that hold something.
    public var clients: ClientsMapping?
    /// Names and availability of the products, or nil to know only their ids.
    public var products: ProductsMapping?
    /// What must not be offered to whom, or nil when everything may be.
    public var exclusions: ExclusionsMapping?
    /// The words for risk, lowest first, or nil where risk is a number.
    public var riskLevels: [String]?

    /// Creates a mapping.
    public init(
        holdings: HoldingsMapping,
        clients: ClientsMapping? = nil,
        products: ProductsMapping? = nil,
        exclusions: ExclusionsMapping? = nil,
        riskLevels: [String]? = nil
    ) {
        self.holdings = holdings
        self.clients = clients
        self.products = products
        self.exclusions = exclusions
        self.riskLevels = riskLevels
    }
}

/// A source of rows.
public enum SourceRelation: Sendable, Hashable {
    /// A table, view or foreign table.
    case relation(RelationName)
    /// One `SELECT` without a trailing semicolon; it may use `:as_of`, the date of the run.
    case query(String)
}

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

extension SourceRelation {
    /// Whether it is a query that uses the date of the run.
    package var isDated: Bool {
        switch self {
        case .relation: false
        case .query(let text): BusinessDate("0001-01-01").map { substituteAsOf(in: text, $0) != text } ?? false
        }
    }
}

extension HoldingsMapping {
    /// Whether the rows that are read depend on the date of the run.
    package var isDated: Bool { source.isDated || dating != .undated }
}

/// How clients lie in the warehouse, one row per client.
public struct ClientsMapping: Sendable, Hashable {
    /// The relation or query that has the clients.
    public var source: SourceRelation
    /// The column with the client's id.
    public var id: String
    /// The column with the name of the client's manager, if reports shall show it.
    public var manager: String?
    /// The column with the highest risk that the client may take, or nil when risk does not matter.
    public var risk: String?
    /// The boolean column that says whether the client is qualified, or nil when that does not matter.
    public var qualified: String?
    /// The column, of any type, whose text says in which segment a client is, if figures shall be shown by segment.
    public var segment: String?
    /// The columns that take part in the distance of clients; each once, in any order.
    public var attributes: [AttributeMapping]

    /// Creates a mapping.
    public init(
        source: SourceRelation, id: String, manager: String? = nil, segment: String? = nil,
        attributes: [AttributeMapping] = [], risk: String? = nil, qualified: String? = nil
    ) {
        self.source = source
        self.id = id
        self.manager = manager
        self.risk = risk
        self.qualified = qualified
        self.segment = segment
        self.attributes = attributes
    }
}

/// A column of the clients that takes part in their distance.
public struct AttributeMapping: Sendable, Hashable {
    /// The column's name.
    public var column: String
    /// What it counts in a vector of products; finite and above 0.
    public var weight: Double

    /// Creates a mapping.
    public init(column: String, weight: Double) {
        self.column = column
        self.weight = weight
    }

    /// Attributes in the order of their columns' names by bytes: in whatever order they are written, sums run in this one.
    package static func sorted(_ attributes: [AttributeMapping]) -> [AttributeMapping] {
        attributes.sorted { $0.column.utf8.lexicographicallyPrecedes($1.column.utf8) }
    }
}

/// How products lie in the warehouse, one row per product.
public struct ProductsMapping: Sendable, Hashable {
    /// The relation or query that has the products.
    public var source: SourceRelation
    /// The column with the product's id.
    public var id: String
    /// The column with the product's name, or nil to show ids.
    public var name: String?
    /// The boolean column that says whether the product may be offered, or nil when all may be.
    public var available: String?
    /// The column with the product's risk, or nil when risk does not matter.
    public var risk: String?
    /// The boolean column that says whether only qualified clients may be offered the product, or nil when all may.
    public var requiresQualified: String?
    /// What products are made of: `product`, `component` and `weight`, or nil when none is made of others.
    public var components: SourceRelation?
    /// The columns by which products that nobody holds are like others; may be empty.
    public var attributes: [String]

    /// Creates a mapping.
    public init(
        source: SourceRelation, id: String, name: String? = nil, available: String? = nil, risk: String? = nil,
        requiresQualified: String? = nil, components: SourceRelation? = nil, attributes: [String] = []
    ) {
        self.source = source
        self.id = id
        self.name = name
        self.available = available
        self.risk = risk
        self.requiresQualified = requiresQualified
        self.components = components
        self.attributes = attributes
    }
}

/// What the company's own SQL says must not be offered.
public struct ExclusionsMapping: Sendable, Hashable {
    /// One `SELECT` of `client_id`, `product_id` and `reason`, without a trailing semicolon; it may use `:as_of`.
    ///
    /// A NULL client or product stands for all of them.
    public var query: String

    /// Creates a mapping.
    public init(query: String) {
        self.query = query
    }
}
