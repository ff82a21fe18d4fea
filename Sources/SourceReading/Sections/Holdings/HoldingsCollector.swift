import Holdings
import Postgres

/// Takes holdings that have one row per client and product.
struct HoldingsCollector: SectionCollector {
    static let step = SectionStep.holdings

    private(set) var query: SourceQuery?
    let client: Field<UnsafeRawBufferPointer>
    let product: Field<UnsafeRawBufferPointer>
    /// Nil when every row counts as the amount 1.
    let amount: AmountColumn?
    var rows: HoldingsRows

    mutating func begin(_ session: Session, _ ids: inout SourceIDs) throws {
        query = try rows.chooseRows(of: query, session)
    }

    mutating func add(_ row: BinaryCopyRow, _ ids: inout SourceIDs) throws {
        guard let (client, product) = rows.ids(of: row, client, product) else { return }
        var value = Amount.one
        if let amount { value = try amount.read(row, &rows.builder) }
        try rows.add(client: client, product: try ids.insert(product: product), amount: value, &ids)
    }

    mutating func end(_ ids: inout SourceIDs) throws {
        try rows.addPending(&ids)
    }

    mutating func finish(into input: inout SourceInput.Draft) throws {
        try rows.finish(into: &input)
    }
}

/// Takes holdings that have one row per client, with an amount for each product; NULL means that there is no position.
struct WideHoldingsCollector: SectionCollector {
    static let step = SectionStep.holdings

    private(set) var query: SourceQuery?
    let client: Field<UnsafeRawBufferPointer>
    let amounts: [AmountColumn]
    /// The column of each amount, which is the product's id.
    let names: [String]
    var rows: HoldingsRows
    /// The arrival index of each column's product.
    var products: [Int32] = []

    mutating func begin(_ session: Session, _ ids: inout SourceIDs) throws {
        query = try rows.chooseRows(of: query, session)
        products = try names.map { name in try Array(name.utf8).withUnsafeBytes { try ids.insert(product: $0) } }
        for (column, product) in zip(amounts, products) { rows.builder.setForm(column.form, ofProduct: product) }
    }

    mutating func add(_ row: BinaryCopyRow, _ ids: inout SourceIDs) throws {
        rows.count += 1
        guard let key = row[client] else {
            rows.withoutKey += 1
            return
        }
        let client = try ids.insert(client: key)
        rows.note(client: client)
        for (column, product) in zip(amounts, products) {
            let amount = try column.read(row, &rows.builder)
            guard !amount.isNone else { continue }
            rows.builder.add(client: client, product: product, amount: amount)
        }
    }

    mutating func finish(into input: inout SourceInput.Draft) throws {
        try rows.finish(into: &input)
    }
}
