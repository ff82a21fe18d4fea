/// The columns of what must not be offered, and the statement that reads them.
struct ExclusionsStatement: SectionStatement {
    private static let key = "exclusions.query"

    /// NULL stands for all clients.
    let client: Field<UnsafeRawBufferPointer>
    /// NULL stands for all products.
    let product: Field<UnsafeRawBufferPointer>
    let reason: Field<UnsafeRawBufferPointer>
    private let query: SourceRelation
    private let list: FieldList

    init(_ mapping: ExclusionsMapping) {
        var list = FieldList()
        client = list.add("client_id", key: Self.key, .id(.client, acceptsNull: true))
        product = list.add("product_id", key: Self.key, .id(.product, acceptsNull: true))
        reason = list.add("reason", key: Self.key, .text, isOptional: true)
        (query, self.list) = (.query(mapping.query), list)
    }

    var source: MappedSource? { MappedSource(key: Self.key, source: query, columns: list.names) }

    func collector(_ catalog: SourceCatalog, _ idTypes: IdentifierTypes) throws -> any SectionCollector {
        ExclusionsCollector(try catalog.query(list, of: query, key: "exclusions", idTypes), self)
    }
}
