import Holdings
import Postgres

/// Takes transactions: what clients have bought and sold, up to the day of the run.
struct TransactionsCollector: SectionCollector {
    static let step = SectionStep.holdings

    private(set) var query: SourceQuery?
    private let client: Field<UnsafeRawBufferPointer>
    private let product: Field<UnsafeRawBufferPointer>
    /// Nil when every row counts as the amount 1.
    private let amount: AmountColumn?
    private let fields: TransactionFields
    private var sides: TransactionSides?
    private var rows: HoldingsRows
    private var undated = 0

    init(
        query: SourceQuery, client: Field<UnsafeRawBufferPointer>, product: Field<UnsafeRawBufferPointer>,
        amount: AmountColumn?, fields: TransactionFields, rows: HoldingsRows
    ) {
        (self.query, self.client, self.product) = (query, client, product)
        (self.amount, self.fields, self.rows) = (amount, fields, rows)
        sides = fields.words.map(TransactionSides.init)
    }

    mutating func begin(_ session: Session, _ ids: inout SourceIDs) throws {
        query = try rows.chooseRows(of: query, session)
    }

    mutating func add(_ row: BinaryCopyRow, _ ids: inout SourceIDs) throws {
        guard let (client, product) = rows.ids(of: row, client, product) else { return }
        if let field = fields.isUndated, try row[field] ?? true {
            undated += 1
            return
        }
        var isNegated = false
        if let side = fields.side {
            guard let direction = sides?.direction(row[side]) else { return }
            isNegated = direction == .sell
            let sign = try amount?.sign(row) ?? 1
            sides?.note(direction, sign: sign)
        }
        try rows.add(
            client: client, product: try ids.insert(product: product),
            amount: try value(row, isNegated: isNegated), &ids)
    }

    private mutating func value(_ row: BinaryCopyRow, isNegated: Bool) throws -> Amount {
        guard let amount else { return rows.builder.decimal(1, isNegated: isNegated) }
        return try amount.read(row, &rows.builder, isNegated: isNegated)
    }

    mutating func end(_ ids: inout SourceIDs) throws {
        try rows.addPending(&ids)
    }

    mutating func finish(into input: inout SourceInput.Draft) throws {
        rows.setAside = undated + (sides?.unknownCount ?? 0)
        try rows.finish(into: &input)
        input.addTransactionFindings(undated: undated, sides)
    }
}
