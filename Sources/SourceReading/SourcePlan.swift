public import Holdings
public import Postgres

/// How one run will read the mapped sources: checked against the catalog, with types known and statements written.
public struct SourcePlan: Sendable {
    /// Type of client ids.
    public var clientType: IdentifierType { idTypes.client }
    /// Type of product ids.
    public var productType: IdentifierType { idTypes.product }
    /// Day whose holdings are read.
    public let asOf: BusinessDate

    /// The name of the time zone whose days count.
    let timeZone: String
    let idTypes: IdentifierTypes
    /// What reads each section, in the order in which they are read.
    let sections: [any SectionCollector]
    /// Schemas in which the mapping's names without a schema are looked up, temporary objects last.
    let searchPath: [String]
    /// Relations to lock before the first read, quoted.
    let locks: [String]
    /// Relations that LOCK TABLE does not take: those of which the role may read some columns only, and materialized
    /// views.
    let unlockable: [String]
    /// What row-level security does to what is read.
    private(set) var policies = RowPolicies.none

    /// Checks a mapping against the database and writes the statements that will read it.
    ///
    /// - Parameters:
    ///   - mapping: The mapped sources.
    ///   - asOf: Day to read, or nil for today by the database's clock, in the holdings' time zone.
    ///   - lockTimeout: How long to wait for a loader that holds a source.
    ///   - checksRights: Whether the role must be allowed to read the sources; otherwise it needs no more than USAGE on
    ///     their schemas.
    ///   - checksDates: Whether to compare the snapshot with others, and look how periods end, when rows are read.
    ///   - session: Any session; one short read-only transaction is run in it. No row is read.
    /// - Throws: `SourceError` that names the configuration key; `PostgresError`.
    public init(
        _ mapping: SourceMapping, asOf: BusinessDate?, lockTimeout: Duration = .seconds(5), checksRights: Bool = true,
        checksDates: Bool = true, session: Session
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
            .setting("row_security", "on")
        self = try session.transaction(mode) { session in
            let searchPath = try session.pinTemporaryNames()
            let timeZone = mapping.holdings.timeZone
            let today = try BusinessDate.today(in: timeZone, session)
            let day = asOf ?? today
            return try SourcePlan(
                mapping, isToday: day == today, checksDates: checksDates, searchPath: searchPath,
                catalog: SourceCatalog(session: session, asOf: day, checksRights: checksRights, timeZone: timeZone))
        }
        // Whoever only installs reads nothing.
        if checksRights { try look(at: policies, mapping.rowSecurity, session) }
    }

    /// Finds out whether policies hide rows of what will be read.
    ///
    /// The catalog says whose policies may apply, the server whether any does: a relation may be read by way of a view
    /// only, whose owner sees everything.
    private mutating func look(at policies: RowPolicies, _ rowSecurity: RowSecurity, _ session: Session) throws {
        guard policies.setting == "on" else { return }
        let mode = TransactionMode(isReadOnly: true).setting("search_path", searchPath).setting("row_security", "off")
        do {
            try session.transaction(mode) { session in
                for query in sections.compactMap(\.query) {
                    try session.execute("select from (\(query.text)) as source limit 0")
                }
            }
            self.policies = .none
        } catch let error as PostgresError where error.isRowSecurityRefusal {
            guard policies.hidden.isEmpty || rowSecurity == .allow else {
                throw SourceError(.rowSecurity, key: "checks.row_security", policies.problem)
            }
        }
    }

    private init(
        _ mapping: SourceMapping, isToday: Bool, checksDates: Bool, searchPath: [String], catalog: SourceCatalog
    ) throws {
        self.searchPath = searchPath
        (asOf, timeZone) = (catalog.asOf, catalog.timeZone)
        let (holdings, idTypes) = try HoldingsStatement(mapping.holdings).collector(
            catalog, isToday: isToday, checksDates: checksDates)
        self.idTypes = idTypes
        let sections = try [holdings] + mapping.sections.map { try $0.collector(catalog, idTypes) }
        let ids = sections.compactMap(\.query).flatMap(\.ids)
        if let error = SourceError(unequalIDs: ids.filter { $0.equality != nil }) { throw error }
        self.sections = SectionStep.allCases.flatMap { step in sections.filter { type(of: $0).step == step } }
        (locks, unlockable) = try catalog.lockableRelations()
        policies = try catalog.checksRights ? RowPolicies(catalog.session) : .none
    }
}
