/// The columns of the products, and the statement that reads them.
struct ProductsStatement: SectionStatement {
    let id: Field<UnsafeRawBufferPointer>
    let name: Field<UnsafeRawBufferPointer>?
    /// Nil when every product is available.
    let available: Field<Bool>?
    let suitability: SuitabilityFields
    let attributes: [Field<UnsafeRawBufferPointer>]
    private let relation: SourceRelation
    private let list: FieldList

    /// - Parameter riskLevels: The words for risk, lowest first, or nil where it is a number.
    init(_ mapping: ProductsMapping, riskLevels: [String]?) {
        var list = FieldList()
        id = list.add(mapping.id, key: "products.id", .id(.product))
        name = mapping.name.map { list.add($0, key: "products.name", .text) }
        available = mapping.available.map { list.add($0, key: "products.available", .flag(in: "products")) }
        suitability = SuitabilityFields(
            risk: mapping.risk, levels: riskLevels, flag: mapping.requiresQualified, flagKey: "requires_qualified",
            section: "products", &list)
        attributes = mapping.attributes.map { list.add($0, key: "products.attributes", .text) }
        (relation, self.list) = (mapping.source, list)
    }

    var source: MappedSource? { MappedSource(key: "products", source: relation, columns: list.names) }

    func collector(_ catalog: SourceCatalog, _ idTypes: IdentifierTypes) throws -> any SectionCollector {
        ProductsCollector(try catalog.query(list, of: relation, key: "products", idTypes), self)
    }
}
