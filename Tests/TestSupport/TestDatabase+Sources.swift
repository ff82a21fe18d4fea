public import Holdings
public import SourceReading
public import Testing

extension TestDatabase {
    /// Plans and reads sources as a run does, with a run's rights.
    ///
    /// - Parameters:
    ///   - mapping: Where the sources are.
    ///   - asOf: The day of the run.
    ///   - role: Who reads.
    /// - Throws: `SourceError`, `PostgresError`.
    public func read(
        _ mapping: SourceMapping, asOf: BusinessDate? = BusinessDate("2026-06-30"), as role: Role = .runner
    ) async throws -> SourceInput {
        try await withSession(as: role) { session in
            let plan = try SourcePlan(mapping, asOf: asOf, session: session)
            return try SourceReader(plan, statementTimeout: .seconds(30), lockTimeout: .seconds(5)).read(session)
        }
    }

    /// The error that reading sources ends with.
    public func sourceError(
        _ mapping: SourceMapping, as role: Role = .runner,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async -> SourceError? {
        await #expect(throws: SourceError.self, sourceLocation: sourceLocation) {
            _ = try await read(mapping, as: role)
        }
    }
}

extension SourceMapping {
    /// The columns `client_id`, `product_id` and `amount` of a source, `dwh.holdings` unless named.
    public static func long(
        _ source: SourceRelation? = nil, product: String = "product_id", amount: String? = "amount",
        dating: HoldingsMapping.Dating = .undated, minAmount: Double = 0
    ) throws -> SourceMapping {
        SourceMapping(
            holdings: HoldingsMapping(
                source: try source ?? .named("dwh.holdings"), client: "client_id",
                layout: .long(product: product, amount: amount), dating: dating, minAmount: minAmount))
    }

    /// One column per product of `dwh.wide`.
    public static func wide(
        _ products: String..., source: SourceRelation? = nil, dating: HoldingsMapping.Dating = .undated
    ) throws -> SourceMapping {
        SourceMapping(
            holdings: HoldingsMapping(
                source: try source ?? .named("dwh.wide"), client: "client_id", layout: .wide(products: products),
                dating: dating))
    }
}

extension SourceRelation {
    /// The relation of a name such as `dwh.holdings`.
    public static func named(_ name: String) throws -> SourceRelation {
        .relation(try RelationName(parsing: name))
    }
}

extension SourceInput {
    /// Held amounts as lines such as `7 A 1.5`, by client and product in the order of ids.
    public var held: [String] {
        (0..<roster.clients.count).flatMap { client in
            holdings.pairs(ofClient: client).map { pair in
                "\(roster.clients.text(at: Int32(client)))"
                    + " \(roster.products.text(at: holdings.products[pair])) \(holdings.amounts[pair])"
            }
        }
    }
}
