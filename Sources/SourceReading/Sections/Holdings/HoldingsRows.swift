import Holdings
import Postgres

/// What has come of the rows of holdings, however they lie in columns.
struct HoldingsRows: Sendable {
    var builder: HoldingsBuilder
    /// Rows as they came, those without an id included.
    var count = 0
    /// Rows whose client or product was NULL; set aside.
    var withoutKey = 0
    /// Rows that were set aside before anybody has looked at their amount, beside those.
    var setAside = 0

    /// Rows whose clients wait to be looked up together, each with its client's place in the batch.
    private var pending: [(client: Int, product: Int32, amount: Amount)] = []
    private var pendingClients = IdentifierBatch()
    /// What a batch looks at must stay in the processor's first cache.
    private static let batchRowCount = 256

    private let dates: HoldingsDates
    private var seen = HoldingsDates.Seen()
    /// By arrival index, whether a client has a row; of snapshots alone.
    private var hasRow: [Bool] = []
    private var countsClients = false
    private let ignoresAsOf: Bool
    private let areTransactions: Bool

    /// Creates a state without rows.
    ///
    /// - Parameters:
    ///   - minAmount: An amount must exceed this to count as held; finite, at least 0.
    ///   - form: How the source keeps amounts.
    ///   - dates: Tells which rows count.
    ///   - ignoresAsOf: Whether another day than today was asked for, of holdings that have no dates.
    ///   - areTransactions: Whether rows say what was bought and sold, not what is held.
    init(
        minAmount: Double, form: AmountForm = .decimal, dates: HoldingsDates = .none, ignoresAsOf: Bool = false,
        areTransactions: Bool = false
    ) {
        builder = HoldingsBuilder(minAmount: minAmount, form: form)
        self.dates = dates
        self.ignoresAsOf = ignoresAsOf
        self.areTransactions = areTransactions
    }

    /// Finds out which rows count.
    ///
    /// - Returns: The statement that reads them.
    /// - Throws: `SourceError`, `PostgresError`.
    mutating func chooseRows(of query: SourceQuery?, _ session: Session) throws -> SourceQuery? {
        let condition: String
        (condition, seen) = try dates.choose(session)
        countsClients = seen.snapshot != nil
        var query = query
        query?.text += condition
        return query
    }

    /// Notes that a client has a row.
    mutating func note(client: Int32) {
        guard countsClients else { return }
        let index = Int(client)
        if index >= hasRow.count {
            hasRow.append(contentsOf: repeatElement(false, count: max(index + 1, 2 * hasRow.count) - hasRow.count))
        }
        hasRow[index] = true
    }

    /// Counts a row as it comes.
    ///
    /// - Returns: Its client and product; nil for a row that lacks one, which is set aside.
    mutating func ids(
        of row: BinaryCopyRow, _ client: Field<UnsafeRawBufferPointer>, _ product: Field<UnsafeRawBufferPointer>
    ) -> (client: UnsafeRawBufferPointer, product: UnsafeRawBufferPointer)? {
        count += 1
        guard let client = row[client], let product = row[product] else {
            withoutKey += 1
            return nil
        }
        return (client, product)
    }

    /// Takes a row; its client's index is known later.
    mutating func add(
        client: UnsafeRawBufferPointer, product: Int32, amount: Amount, _ ids: inout SourceIDs
    ) throws {
        pending.append((pendingClients.append(client), product, amount))
        if pending.count == Self.batchRowCount { try addPending(&ids) }
    }

    /// Looks up the clients of rows that wait for that.
    mutating func addPending(_ ids: inout SourceIDs) throws {
        let clients = try ids.insert(clients: pendingClients)
        for row in pending { builder.add(client: clients[row.client], product: row.product, amount: row.amount) }
        if countsClients { for row in pending { note(client: clients[row.client]) } }
        pending.removeAll(keepingCapacity: true)
        pendingClients = IdentifierBatch()
    }

    /// Adds who holds what to the input.
    ///
    /// - Throws: `CancellationError`, within one of its steps of a cancellation.
    mutating func finish(into input: inout SourceInput.Draft) throws {
        // Taken out of here, so that its rows are freed as soon as they have been sorted.
        let builder = builder
        self.builder = HoldingsBuilder()
        (input.holdings, input.quality) = try builder.finish(
            clientOrder: input.order.newClients, productOrder: input.order.newProducts)
        input.snapshot = seen.snapshot
        input.snapshot?.size.rows = count - withoutKey
        input.snapshot?.size.clients = hasRow.count { $0 }
        input.holdingsSetAside = withoutKey + setAside
        input.addHoldingsFindings(rowCount: count, areTransactions: areTransactions)
        input.addFindings(about: seen)
        input.findings.addNullKeys(withoutKey)
        input.findings.add(
            .undatedSource, .warning, ignoresAsOf ? 1 : 0,
            "the holdings have no dates: what was read is what they hold now, and --as-of is a label;"
                + " map holdings.as_of or valid_from and valid_to, or use :as_of in holdings.query")
    }
}
