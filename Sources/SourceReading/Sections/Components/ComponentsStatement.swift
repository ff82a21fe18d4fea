/// The columns of what products are made of, and the statement that reads them.
///
/// Without such a relation nothing is read, and products are compared by their attributes.
struct ComponentsStatement: SectionStatement {
    private static let key = "products.components"

    let product: Field<UnsafeRawBufferPointer>
    let component: Field<UnsafeRawBufferPointer>
    let weight: Field<Double>
    private let relation: SourceRelation?
    private let list: FieldList

    /// Nil when all products are scored by votes alone.
    init?(_ mapping: ProductsMapping) {
        guard mapping.components != nil || !mapping.attributes.isEmpty else { return nil }
        var list = FieldList()
        product = list.add("product", key: Self.key, .id(.product))
        component = list.add("component", key: Self.key, .id(.product))
        weight = list.add(
            "weight", key: Self.key, .number { "the column \"\($0)\" must be a number; cast it in a query" })
        (relation, self.list) = (mapping.components, list)
    }

    var source: MappedSource? {
        relation.map { MappedSource(key: Self.key, source: $0, columns: list.names) }
    }

    func collector(_ catalog: SourceCatalog, _ idTypes: IdentifierTypes) throws -> any SectionCollector {
        let query = try relation.map { try catalog.query(list, of: $0, key: "products", sourceKey: Self.key, idTypes) }
        return ComponentsCollector(query, self, productType: idTypes.product)
    }
}
