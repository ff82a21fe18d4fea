public import Holdings
public import Postgres

/// How one run will read the mapped sources: checked against the catalog, with types known and statements written.
public struct SourcePlan: Sendable {
    /// How a row of holdings lies in its COPY.
    enum HoldingsLayout: Sendable {
        /// Client, product, and an amount unless every row counts as 1.
        case long(hasAmount: Bool)
        /// Client, then one amount per product, in this order.
        case wide(products: [String])
    }

    /// Type of client ids.
    public let clientType: IdentifierType
    /// Type of product ids.
    public let productType: IdentifierType
    /// Day whose holdings are read.
    public let asOf: BusinessDate

    /// Whether another day than today was asked for, of holdings that have no dates.
    let ignoresAsOf: Bool

    let layout: HoldingsLayout
    let holdingsQuery: String
    /// Yields the date of the snapshot that is read, for relations with dated snapshots.
    let snapshotDateQuery: String?
    let clientsQuery: String?
    /// The last columns of `clientsQuery`.
    let attributes: [AttributeColumn]
    let productsQuery: String?
    let hasAvailability: Bool
    /// Nil when all products suit all clients.
    let suitability: SuitabilityPlan?
    /// Fields of a client's row and of a product's.
    let fieldCounts: (client: Int, product: Int)
    /// Fields of a product's row that are its attributes; nil when products are scored by votes alone.
    let attributeFields: Range<Int>?
    let componentsQuery: String?
    let exclusionsQuery: String?
    /// Schemas in which the mapping's names without a schema are looked up, temporary objects last.
    let searchPath: [String]
    /// Relations to lock before the first read, quoted.
    let locks: [String]
    /// Relations that LOCK TABLE does not take: those of which the role may read some columns only, and materialized
    /// views.
    let unlockable: [String]

    /// Checks a mapping against the database and writes the statements that will read it.
    ///
    /// - Parameters:
    ///   - mapping: The mapped sources.
    ///   - asOf: Day to read, or nil for today by the database's clock.
    ///   - lockTimeout: How long to wait for a loader that holds a source.
    ///   - checksRights: Whether the role must be allowed to read the sources; otherwise it needs no more than USAGE on
    ///     their schemas.
    ///   - session: Any session; one short read-only transaction is run in it. No row is read.
    /// - Throws: `SourceError` that names the configuration key; `PostgresError`.
    public init(
        _ mapping: SourceMapping, asOf: BusinessDate?, lockTimeout: Duration = .seconds(5), checksRights: Bool = true,
        session: Session
    ) throws {
        // Older versions get no fixes any more.
        guard session.serverVersion >= 130_000 else {
            throw SourceError(
                .server,
                "the server is PostgreSQL \(session.serverVersion / 10_000); Peerfolio needs version 13 or newer")
        }
        // Nothing but the catalog is read here, and compiling a statement about it takes longer than running it.
        let mode = TransactionMode(isReadOnly: true)
            .setting("lock_timeout", "\(Int(lockTimeout / .milliseconds(1)))ms").setting("jit", "off")
        self = try session.transaction(mode) { session in
            let searchPath = try session.pinTemporaryNames()
            let today = BusinessDate(try session.execute("select current_date::pg_catalog.text").rows[0].get(at: 0))
            guard let day = asOf ?? today else {
                throw SourceError(.protocolViolation, "the server's current date cannot be read")
            }
            return try SourcePlan(
                mapping, ignoresAsOf: day != today && !mapping.holdings.isDated,
                searchPath: searchPath,
                catalog: SourceCatalog(session: session, asOf: day, checksRights: checksRights))
        }
    }

    private init(
        _ mapping: SourceMapping, ignoresAsOf: Bool, searchPath: [String], catalog: SourceCatalog
    ) throws {
        self.ignoresAsOf = ignoresAsOf
        self.searchPath = searchPath
        let holdings = try HoldingsStatement(mapping.holdings, catalog)
        clientType = holdings.clientType
        productType = holdings.productType
        asOf = catalog.asOf
        layout = holdings.layout
        holdingsQuery = holdings.query
        snapshotDateQuery = holdings.snapshotDateQuery
        let clients = try mapping.clients.map {
            try Self.query(of: $0, idType: holdings.clientType, levels: mapping.riskLevels, catalog)
        }
        let products = try mapping.products.map {
            try Self.query(of: $0, idType: holdings.productType, levels: mapping.riskLevels, catalog)
        }
        clientsQuery = clients?.text
        attributes = clients?.attributes ?? []
        productsQuery = products?.text
        fieldCounts = (clients?.fieldCount ?? 0, products?.fieldCount ?? 0)
        suitability = SuitabilityPlan(
            mapping, clientFields: SourceCollector.clientFieldCount + attributes.count, productFields: 3)
        let attributeCount = mapping.products?.attributes.count ?? 0
        componentsQuery = try mapping.products?.components.map { try Self.query(ofComponents: $0, holdings, catalog) }
        attributeFields =
            componentsQuery == nil && attributeCount == 0
            ? nil : fieldCounts.product - attributeCount..<fieldCounts.product
        hasAvailability = mapping.products?.available != nil
        exclusionsQuery = try mapping.exclusions.map { try Self.query(of: $0, holdings, catalog) }
        (locks, unlockable) = try catalog.lockableRelations()
    }

    private static func query(
        of clients: ClientsMapping, idType: IdentifierType, levels: [String]?, _ catalog: SourceCatalog
    ) throws -> (text: String, fieldCount: Int, attributes: [AttributeColumn]) {
        var wanted = [(name: clients.id, key: "id")]
        if let manager = clients.manager { wanted.append((manager, "manager")) }
        if let segment = clients.segment { wanted.append((segment, "segment")) }
        let mappings = AttributeMapping.sorted(clients.attributes)
        wanted.append(contentsOf: mappings.map { ($0.column, "attributes") })
        let commonCount = wanted.count
        let suitability = SuitabilityPlan.columns(
            risk: clients.risk, qualification: clients.qualified, key: "qualified")
        wanted += suitability
        let types = try catalog.columns(of: clients.source, key: "clients", wanted: wanted)
        let id = try identifier(clients.id, types[0], key: "clients.id", expected: idType, catalog)
        let manager = try clients.manager.map { try catalog.session.escapeIdentifier($0) + "::text" } ?? "null::text"
        let segment = try clients.segment.map { try catalog.session.escapeIdentifier($0) + "::text" } ?? "null::text"
        let attributes = try zip(mappings, types[..<commonCount].suffix(mappings.count)).map { mapping, type in
            try AttributeColumn(mapping, typeOID: type, catalog.session)
        }
        let fields =
            try [id, manager, segment] + attributes.map(\.expression)
            + SuitabilityPlan.expressions(
                suitability, types: Array(types[commonCount...]), section: "clients", levels: levels,
                catalog.session)
        let from = try catalog.fromClause(clients.source)
        return ("select \(fields.joined(separator: ", ")) from \(from)", fields.count, attributes)
    }

    private static func query(
        of products: ProductsMapping, idType: IdentifierType, levels: [String]?, _ catalog: SourceCatalog
    ) throws -> (text: String, fieldCount: Int) {
        var wanted = [(name: products.id, key: "id")]
        if let name = products.name { wanted.append((name, "name")) }
        if let available = products.available { wanted.append((available, "available")) }
        let commonCount = wanted.count
        let suitability = SuitabilityPlan.columns(
            risk: products.risk, qualification: products.requiresQualified, key: "requires_qualified")
        wanted += suitability + products.attributes.map { ($0, "attributes") }
        let types = try catalog.columns(of: products.source, key: "products", wanted: wanted)
        let id = try identifier(products.id, types[0], key: "products.id", expected: idType, catalog)
        if products.available != nil, types[commonCount - 1] != 16 {
            throw SourceError(
                .type, key: "products.available",
                "the column must be boolean; map a boolean column, or write the condition in products.query")
        }
        let name = try products.name.map { try catalog.session.escapeIdentifier($0) + "::text" } ?? "null::text"
        let available = try products.available.map { try catalog.session.escapeIdentifier($0) } ?? "true"
        let fields =
            try [id, name, available]
            + SuitabilityPlan.expressions(
                suitability, types: Array(types[commonCount...]), section: "products", levels: levels,
                catalog.session)
            + products.attributes.map { try catalog.session.escapeIdentifier($0) + "::text" }
        let from = try catalog.fromClause(products.source)
        return ("select \(fields.joined(separator: ", ")) from \(from)", fields.count)
    }

    private static func query(
        of exclusions: ExclusionsMapping, _ holdings: HoldingsStatement, _ catalog: SourceCatalog
    ) throws -> String {
        let source = SourceRelation.query(exclusions.query)
        let types = try catalog.columns(
            of: source, key: "exclusions", wanted: [("client_id", "query"), ("product_id", "query")])
        let client = try identifier(
            "client_id", types[0], key: "exclusions.query", expected: holdings.clientType, catalog)
        let product = try identifier(
            "product_id", types[1], key: "exclusions.query", expected: holdings.productType, catalog)
        return "select \(client), \(product) from \(try catalog.fromClause(source))"
    }

    private static func query(
        ofComponents source: SourceRelation, _ holdings: HoldingsStatement, _ catalog: SourceCatalog
    ) throws -> String {
        let key = "products.components"
        let types = try catalog.columns(
            of: source, key: "products", sourceKey: key,
            wanted: [("product", "components"), ("component", "components"), ("weight", "components")])
        let product = try identifier("product", types[0], key: key, expected: holdings.productType, catalog)
        let component = try identifier("component", types[1], key: key, expected: holdings.productType, catalog)
        guard [20, 21, 23, 700, 701, 1700].contains(types[2]) else {
            throw SourceError(.type, key: key, "the column \"weight\" must be a number; cast it in a query")
        }
        let weight = try HoldingsStatement.amount("weight", types[2], key: key, catalog.session)
        return "select \(product), \(component), \(weight) from \(try catalog.fromClause(source))"
    }

    /// The expression that reads an id column in the type that holdings have.
    private static func identifier(
        _ column: String, _ typeOID: UInt32, key: String, expected: IdentifierType, _ catalog: SourceCatalog
    ) throws -> String {
        // A bare NULL in a query has the type text and stands for an id of any type.
        let type = IdentifierType(typeOID: typeOID)
        guard type == expected || (key == "exclusions.query" && type == .text) else {
            throw SourceError(
                .type, key: key,
                "the column \"\(column)\" must have the type of the ids in holdings, \(expected.rawValue); cast it in a query"
            )
        }
        return try catalog.session.escapeIdentifier(column) + "::" + expected.rawValue
    }
}
