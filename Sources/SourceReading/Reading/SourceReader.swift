import Holdings
public import Postgres
import Recommending

/// Reads the mapped sources in one consistent snapshot, streamed by binary COPY.
///
/// `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`, then a lock on every input before the first read, since a
/// snapshot alone does not guard against a loader's TRUNCATE, then one COPY per source. The transaction ends before
/// anything is computed.
///
/// LOCK TABLE takes SELECT on the whole relation. Where the role has it on columns only, planning the statements takes the
/// locks, but also the snapshot, and a TRUNCATE between the two is found out by the file that a relation has in each: then
/// all is read again.
public struct SourceReader: Sendable {
    /// Attempts to read while loaders replace what is being read.
    private static let attemptLimit = 3
    /// Rows between two reports of progress.
    private static let progressInterval = 16_384

    private let plan: SourcePlan
    private let minAmount: Double
    private let statementTimeout: Duration
    private let lockTimeout: Duration

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - plan: How to read.
    ///   - minAmount: An amount must exceed this to count as held; finite, at least 0.
    ///   - statementTimeout: The server's limit for each COPY.
    ///   - lockTimeout: How long to wait for a loader that holds a source.
    public init(_ plan: SourcePlan, minAmount: Double, statementTimeout: Duration, lockTimeout: Duration) {
        self.plan = plan
        self.minAmount = minAmount
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
    }

    /// Reads everything.
    ///
    /// - Parameters:
    ///   - session: Any session outside a transaction.
    ///   - progress: Called with the rows read so far, every few thousand rows.
    /// - Throws: `SourceError` for text that is not UTF-8; `PostgresError`; `CancellationError`.
    /// - Complexity: O(rows) time; memory for ids once, and 16 bytes for each row of holdings.
    public func read(_ session: Session, progress: (Int) -> Void = { _ in }) throws -> SourceInput {
        session.operationTimeout = statementTimeout + .seconds(10)
        let mode = TransactionMode.consistentRead
            .setting("search_path", plan.searchPath)
            .setting("lock_timeout", Self.milliseconds(lockTimeout))
            .setting("statement_timeout", Self.milliseconds(statementTimeout))
        for _ in 1...Self.attemptLimit {
            do {
                return try session.transaction(mode) { try readSnapshot($0, progress) }.finish()
            } catch is ReplacedSource {
                continue
            }
        }
        throw PostgresError(
            code: .server, message: "a loader has replaced a source each time when it was to be read; try again later",
            sqlState: "40001")
    }

    /// A source was emptied or replaced after the snapshot was taken and before it was locked.
    private struct ReplacedSource: Error {}

    private func readSnapshot(_ session: Session, _ progress: (Int) -> Void) throws -> SourceCollector {
        if !plan.locks.isEmpty {
            try session.executeScript("lock table \(plan.locks.joined(separator: ", ")) in access share mode")
        }
        if !plan.unlockable.isEmpty { try lockByPlanning(session) }
        var collector = SourceCollector(plan, minAmount: minAmount)
        if let query = plan.snapshotDateQuery {
            collector.snapshotDate = try session.execute(query).rows.first?.getIfPresent(at: 0)
        }
        if let query = plan.clientsQuery {
            try copy(query, fieldCount: plan.fieldCounts.client, session) { try collector.addClient($0) }
        }
        if let query = plan.productsQuery {
            try copy(query, fieldCount: plan.fieldCounts.product, session) { try collector.addProduct($0) }
        }
        try readHoldings(into: &collector, session, progress)
        if let query = plan.componentsQuery {
            try copy(query, fieldCount: 3, session) { try collector.addComponent($0) }
        }
        if let query = plan.exclusionsQuery {
            try copy(query, fieldCount: 2, session) { try collector.addExclusion($0) }
        }
        return collector
    }

    /// Locks what LOCK TABLE does not take, and makes sure that the snapshot, which is older than these locks, sees what is
    /// locked.
    private func lockByPlanning(_ session: Session) throws {
        let queries = [
            plan.clientsQuery, plan.productsQuery, plan.holdingsQuery, plan.componentsQuery, plan.exclusionsQuery,
        ]
        for query in queries.compactMap(\.self) {
            try session.execute("select from (\(query)) as source limit 0")
        }
        // The catalog as of the snapshot, beside the file and the name that a relation has now; a new one is not in the
        // former, and one that was renamed has got its rows since then, perhaps.
        let isReplaced: Bool = try session.withPinnedNames { session in
            try session.execute(
                """
                select exists (
                    select from pg_catalog.pg_locks l
                    left join pg_catalog.pg_class c on c.oid = l.relation
                    left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                    where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.mode = 'AccessShareLock'
                      and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
                      and (c.oid is null
                           or l.relation::regclass::text not in (
                                  quote_ident(c.relname), quote_ident(n.nspname) || '.' || quote_ident(c.relname))
                           or c.relkind in ('r', 'm') and c.relfilenode <> 0
                              and c.relfilenode <> pg_relation_filenode(c.oid)))
                """
            ).rows[0].get(at: 0)
        }
        if isReplaced { throw ReplacedSource() }
    }

    private func readHoldings(
        into collector: inout SourceCollector, _ session: Session, _ progress: (Int) -> Void
    ) throws {
        var rowCount = 0
        func count() {
            rowCount += 1
            if rowCount % Self.progressInterval == 0 { progress(rowCount) }
        }
        switch plan.layout {
        case .long(let hasAmount):
            try copy(plan.holdingsQuery, fieldCount: hasAmount ? 3 : 2, session) { row in
                try collector.addHolding(row, hasAmount: hasAmount)
                count()
            }
        case .wide(let products):
            let columns = try collector.addProducts(named: products)
            try copy(plan.holdingsQuery, fieldCount: products.count + 1, session) { row in
                try collector.addHoldings(row, products: columns)
                count()
            }
        }
        progress(rowCount)
    }

    private func copy(
        _ query: String, fieldCount: Int, _ session: Session, _ receive: (BinaryCopyRow) throws -> Void
    ) throws {
        var decoder = BinaryCopyDecoder(fieldCount: fieldCount)
        do {
            try session.copyOut("copy (\(query)) to stdout (format binary)") { message in
                try decoder.decode(message, receive)
            }
        } catch let error as IdentifierError {
            throw SourceError(error)
        } catch let error as PostgresError where ["22021", "22P05"].contains(error.sqlState) {
            throw SourceError(
                .invalidText,
                "a text cannot be read as UTF-8, as happens in a database with encoding SQL_ASCII;"
                    + " re-encode the column or convert it in a query (SQLSTATE \(error.sqlState ?? ""))")
        }
        try decoder.finish()
    }

    private static func milliseconds(_ duration: Duration) -> String {
        "\(Int(duration / .milliseconds(1)))ms"
    }
}
