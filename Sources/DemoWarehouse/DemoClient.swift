/// A client of the demo's investment company, with everything the warehouse knows about it.
struct DemoClient: Hashable {
    let id: Int64
    let segment: DemoSegment
    let manager: String
    /// The risk that the client accepts, 1...5.
    let riskLevel: Int16
    let customerSince: DemoDay
    /// By product, then by date; empty for about one client in a hundred.
    let holdings: [DemoHolding]
    let exclusions: [DemoExclusion]
}

/// The value of a client's position in one product over a period.
struct DemoHolding: Hashable {
    /// The index in the catalogue.
    let product: Int
    let validFrom: DemoDay
    /// The first day on which the row is no longer valid, or nil while it is.
    let validTo: DemoDay?
    let marketValueCents: Int64
}

/// What must not be offered to a client.
struct DemoExclusion: Hashable {
    /// The index in the catalogue, or nil for every product.
    let product: Int?
    let reason: String
}
