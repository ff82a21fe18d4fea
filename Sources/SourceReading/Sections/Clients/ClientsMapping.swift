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
