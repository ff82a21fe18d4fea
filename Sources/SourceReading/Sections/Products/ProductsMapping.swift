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
