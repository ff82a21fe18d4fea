import Holdings
import Postgres

/// Takes holdings that have one row per client and product.
struct HoldingsCollector: SectionCollector {
    static let step = SectionStep.holdings

    let query: SourceQuery?
    let client: Field<UnsafeRawBufferPointer>
    let product: Field<UnsafeRawBufferPointer>
    /// Nil when every row counts as the amount 1.
    let amount: Field<Double>?
    var rows: HoldingsRows

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
        try rows.add(client: client, product: try ids.products.insert(product), amount: value, &ids)
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

    let query: SourceQuery?
    let client: Field<UnsafeRawBufferPointer>
    let amounts: [Field<Double>]
    /// The column of each amount, which is the product's id.
    let names: [String]
    var rows: HoldingsRows
    /// The arrival index of each column's product.
    var products: [Int32] = []

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
