import Holdings
import Postgres

/// Takes holdings that have one row per client and product.
struct HoldingsCollector: SectionCollector {
    static let step = SectionStep.holdings

    let query: SourceQuery?
    private let client: Field<UnsafeRawBufferPointer>
    private let product: Field<UnsafeRawBufferPointer>
    /// Nil when every row counts as the amount 1.
    private let amount: Field<Double>?
    private var rows: HoldingsRows

    init(
        query: SourceQuery, client: Field<UnsafeRawBufferPointer>, product: Field<UnsafeRawBufferPointer>,
        amount: Field<Double>?, rows: HoldingsRows
    ) {
        self.query = query
        self.client = client
        self.product = product
        self.amount = amount
        self.rows = rows
    }

    mutating func begin(_ session: Session, _ ids: inout SourceIDs) throws {
        try rows.readSnapshotDate(session)
    }

    mutating func add(_ row: BinaryCopyRow, _ ids: inout SourceIDs) throws {
        rows.count += 1
        guard let client = row[client], let product = row[product] else {
            rows.withoutKey += 1
            return
        }
        var value: Double? = 1
        if let amount { value = try row[amount] }
        rows.builder.add(
            client: try ids.clients.insert(client), product: try ids.products.insert(product), amount: value)
    }

    mutating func finish(into input: inout SourceInput.Draft) throws {
        try rows.finish(into: &input)
    }
}

/// Takes holdings that have one row per client, with an amount for each product; NULL means that there is no position.
struct WideHoldingsCollector: SectionCollector {
    static let step = SectionStep.holdings

    let query: SourceQuery?
    private let client: Field<UnsafeRawBufferPointer>
    private let amounts: [Field<Double>]
    private let names: [String]
    /// The arrival index of each column's product.
    private var products: [Int32] = []
    private var rows: HoldingsRows

    /// - Parameter names: The column of each amount, which is the product's id.
    init(
        query: SourceQuery, client: Field<UnsafeRawBufferPointer>, amounts: [Field<Double>], names: [String],
        rows: HoldingsRows
    ) {
        self.query = query
        self.client = client
        self.amounts = amounts
        self.names = names
        self.rows = rows
    }

    mutating func begin(_ session: Session, _ ids: inout SourceIDs) throws {
        try rows.readSnapshotDate(session)
        products = try names.map { name in try Array(name.utf8).withUnsafeBytes { try ids.products.insert($0) } }
    }

    mutating func add(_ row: BinaryCopyRow, _ ids: inout SourceIDs) throws {
        rows.count += 1
        guard let key = row[client] else {
            rows.withoutKey += 1
            return
        }
        let client = try ids.clients.insert(key)
        for (field, product) in zip(amounts, products) {
            guard let amount = try row[field], amount != 0 else { continue }
            rows.builder.add(client: client, product: product, amount: amount)
        }
    }

    mutating func finish(into input: inout SourceInput.Draft) throws {
        try rows.finish(into: &input)
    }
}
