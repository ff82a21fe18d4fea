import Holdings
import Postgres

/// Takes the rows of clients.
struct ClientsCollector: SectionCollector {
    static let step = SectionStep.list

    let query: SourceQuery?
    private let fields: ClientsStatement
    /// Rows by the client's arrival index.
    private var rowCounts: [Int] = []
    private var managers = FirstTexts()
    private var segments = FirstTexts()
    private var attributes: AttributeCollector
    private var suitability: SuitabilityCollector
    private var rowsWithoutKey = 0

    init(_ query: SourceQuery, _ fields: ClientsStatement) {
        self.query = query
        self.fields = fields
        attributes = AttributeCollector(fields.attributes, query)
        suitability = SuitabilityCollector(fields.suitability, .client)
    }

    mutating func add(_ row: BinaryCopyRow, _ ids: inout SourceIDs) throws {
        guard let key = row[fields.id] else {
            rowsWithoutKey += 1
            return
        }
        let client = Int(try ids.insert(client: key))
        rowCounts.extend(to: client + 1, with: 0)
        rowCounts[client] += 1
        try suitability.add(row, at: client)
        if let manager = fields.manager { try managers.add(row[manager], at: client) }
        if let segment = fields.segment { try segments.add(row[segment], at: client) }
        guard segments.count <= AttributeCollector.mostCategories else {
            throw SourceError(
                .values, key: "clients.segment",
                "the column has more than \(AttributeCollector.mostCategories) different values, so it names clients"
                    + " rather than segments; map another column, or group the values in clients.query")
        }
        try attributes.add(row, client: client)
    }

    mutating func finish(into input: inout SourceInput.Draft) throws {
        let newClients = input.order.newClients
        input.managers = managers.finish(newClients)
        input.segments = segments.finish(newClients)
        (input.clientRisks, input.qualifications) = suitability.finish(newClients)
        (input.attributes, input.categoryNames) = attributes.finish(newClients)
        input.findings.addNullKeys(rowsWithoutKey)
        let rowCounts = rowCounts.reordered(by: newClients, missing: 0)
        input.unlistedClients = rowCounts.indices.filter { rowCounts[$0] == 0 }.map(Int32.init)
        input.addClientsFindings(
            rowCounts: rowCounts,
            clientsOfUnusable: attributes.clientsOfUnusable.map { newClients[Int($0)] }.sorted())
    }
}
