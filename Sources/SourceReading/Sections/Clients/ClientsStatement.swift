/// The columns of the clients, and the statement that reads them.
struct ClientsStatement: SectionStatement {
    let id: Field<UnsafeRawBufferPointer>
    let manager: Field<UnsafeRawBufferPointer>?
    let segment: Field<UnsafeRawBufferPointer>?
    let attributes: [(mapping: AttributeMapping, field: Field<AnyValue>)]
    let suitability: SuitabilityFields
    private let relation: SourceRelation
    private let list: FieldList

    /// - Parameter riskLevels: The words for risk, lowest first, or nil where it is a number.
    init(_ mapping: ClientsMapping, riskLevels: [String]?) {
        var list = FieldList()
        id = list.add(mapping.id, key: "clients.id", .id(.client))
        manager = mapping.manager.map { list.add($0, key: "clients.manager", .text) }
        segment = mapping.segment.map { list.add($0, key: "clients.segment", .text) }
        attributes = AttributeMapping.sorted(mapping.attributes).map {
            ($0, list.add($0.column, key: "clients.attributes", .attribute))
        }
        suitability = SuitabilityFields(
            risk: mapping.risk, levels: riskLevels, flag: mapping.qualified, flagKey: "qualified", section: "clients",
            &list)
        (relation, self.list) = (mapping.source, list)
    }

    var source: MappedSource? { MappedSource(key: "clients", source: relation, columns: list.names) }

    func collector(_ catalog: SourceCatalog, _ idTypes: IdentifierTypes) throws -> any SectionCollector {
        ClientsCollector(try catalog.query(list, of: relation, key: "clients", idTypes), self)
    }
}
