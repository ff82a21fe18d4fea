public import Postgres
import Recommending

/// Reads the mapped sources in one consistent snapshot, streamed by binary COPY.
///
/// `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`, then a lock on every input before the first read, since a
/// snapshot alone does not guard against a loader's TRUNCATE, then one COPY per source. The transaction ends before
/// anything is computed.
public struct SourceReader: Sendable {
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
            .setting("lock_timeout", Self.milliseconds(lockTimeout))
            .setting("statement_timeout", Self.milliseconds(statementTimeout))
        let collector = try session.transaction(mode) { session in
            if !plan.locks.isEmpty {
                try session.executeScript("lock table \(plan.locks.joined(separator: ", ")) in access share mode")
            }
            var collector = SourceCollector(plan, minAmount: minAmount)
            if let query = plan.snapshotDateQuery {
                collector.snapshotDate = try session.execute(query).rows.first?.getIfPresent(at: 0)
            }
            if let query = plan.clientsQuery {
                try copy(query, fieldCount: SourceCollector.clientFieldCount + plan.attributes.count, session) { row in
                    try collector.addClient(row)
                }
            }
            if let query = plan.productsQuery {
                try copy(query, fieldCount: 3, session) { try collector.addProduct($0) }
            }
            try readHoldings(into: &collector, session, progress)
            if let query = plan.exclusionsQuery {
                try copy(query, fieldCount: 2, session) { try collector.addExclusion($0) }
            }
            return collector
        }
        return try collector.finish()
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
