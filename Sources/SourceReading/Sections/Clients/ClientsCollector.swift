import Holdings
import Postgres

/// Takes the rows of clients.
struct ClientsCollector: SectionCollector {
    private struct Client {
        /// Rows of the client.
        var rowCount = 0
        var manager: Int32 = -1
        var segment: Int32 = -1
    }

    static let step = SectionStep.list

    let query: SourceQuery?
    private let fields: ClientsStatement.Fields
    private var attributes: AttributeCollector
    private var suitability: SuitabilityCollector
    /// By arrival index.
    private var clients: [Client] = []
    private var managers = NameTable()
    private var segments = NameTable()
    private var rowsWithoutKey = 0

    init(_ query: SourceQuery, _ fields: ClientsStatement.Fields) {
        self.query = query
        self.fields = fields
        attributes = AttributeCollector(
            fields.attributes.map { AttributeColumn($0.mapping, $0.field, query.type(of: $0.field)) })
        suitability = SuitabilityCollector(fields.suitability, .client)
    }

    mutating func add(_ row: BinaryCopyRow, _ ids: inout SourceIDs) throws {
        guard let key = row[fields.id] else {
            rowsWithoutKey += 1
            return
        }
        let client = Int(try ids.clients.insert(key))
        clients.extend(to: client + 1, with: Client())
        clients[client].rowCount += 1
        try suitability.add(row, at: client)
        if let manager = fields.manager, let name = row[manager] {
            let manager = try managers.insert(name)
            clients[client].manager = managers.first(clients[client].manager, manager)
        }
        if let segment = fields.segment, let name = row[segment] {
            let segment = try segments.insert(name)
            clients[client].segment = segments.first(clients[client].segment, segment)
            guard segments.count <= AttributeCollector.mostCategories else {
                throw SourceError(
                    .values, key: "clients.segment",
                    "the column has more than \(AttributeCollector.mostCategories) different values, so it names clients"
                        + " rather than segments; map another column, or group the values in clients.query")
            }
        }
        try attributes.add(row, client: client)
    }

    mutating func finish(into input: inout SourceInput.Draft) throws {
        let clients = clients.reordered(by: input.order.newClients, missing: Client())
        input.managers = managers.sorted(clients.map(\.manager))
        input.segments = segments.sorted(clients.map(\.segment))
        (input.clientRisks, input.qualifications) = suitability.finish(input.order.newClients)
        let unusable = attributes.clientsOfUnusable.map { input.order.newClients[Int($0)] }.sorted()
        (input.attributes, input.categoryNames) = attributes.finish(newClients: input.order.newClients)
        input.findings.addNullKeys(rowsWithoutKey)
        input.addClientsFindings(rowCounts: clients.map(\.rowCount), clientsOfUnusable: unusable)
    }
}
