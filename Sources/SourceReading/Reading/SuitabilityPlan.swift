import Postgres

/// Which columns decide on suitability, and where the rows of clients and products have them.
struct SuitabilityPlan: Sendable {
    /// A column of each relation, behind the fields that every row has.
    struct Field: Sendable {
        let client: Int
        let product: Int
    }

    /// Risk; nil when it is not mapped.
    let risk: Field?
    /// Whether the client is qualified, and whether the product requires it; nil when that is not mapped.
    let qualification: Field?
    /// Words for risk, lowest first, as bytes; nil when risk is a number.
    let levels: [[UInt8]: Double]?

    /// Says where columns will be; nil when nothing about suitability is mapped.
    ///
    /// - Parameters:
    ///   - mapping: The mapped sources, where both sides of a requirement are mapped or neither is.
    ///   - clientFields: Fields of a client's row before these.
    ///   - productFields: Fields of a product's row before these.
    init?(_ mapping: SourceMapping, clientFields: Int, productFields: Int) {
        let hasRisk = mapping.clients?.risk != nil && mapping.products?.risk != nil
        let hasQualification = mapping.clients?.qualified != nil && mapping.products?.requiresQualified != nil
        guard hasRisk || hasQualification else { return nil }
        risk = hasRisk ? Field(client: clientFields, product: productFields) : nil
        let places = hasRisk ? 1 : 0
        qualification =
            hasQualification ? Field(client: clientFields + places, product: productFields + places) : nil
        levels = mapping.riskLevels.map { levels in
            Dictionary(zip(levels.map { Array($0.utf8) }, (0..<levels.count).map(Double.init))) { first, _ in first }
        }
    }

    /// The columns that a relation must have for it, each with the key that asks for it, in the order of the fields.
    static func columns(risk: String?, qualification: String?, key: String) -> [(name: String, key: String)] {
        [risk.map { ($0, "risk") }, qualification.map { ($0, key) }].compactMap(\.self)
    }

    /// The expressions that read them.
    ///
    /// - Parameters:
    ///   - columns: As ``columns(risk:qualification:key:)`` gave them.
    ///   - types: Their types by OID.
    ///   - section: `clients` or `products`.
    ///   - levels: Words for risk, or nil for numbers.
    /// - Throws: `SourceError` that names the key.
    static func expressions(
        _ columns: [(name: String, key: String)], types: [UInt32], section: String, levels: [String]?,
        _ session: Session
    ) throws -> [String] {
        try zip(columns, types).map { column, type in
            let key = "\(section).\(column.key)"
            let name = try session.escapeIdentifier(column.name)
            guard column.key == "risk" else {
                guard type == 16 else {
                    throw SourceError(
                        .type, key: key,
                        "the column must be boolean; map a boolean column, or write the condition in \(section).query")
                }
                return name
            }
            if levels != nil { return name + "::text" }
            guard [20, 21, 23, 700, 701, 1700].contains(type) else {
                throw SourceError(
                    .type, key: key,
                    "the column \"\(column.name)\" is not a number; list its values in suitability.levels, lowest first"
                )
            }
            return try HoldingsStatement.amount(column.name, type, key: key, session)
        }
    }
}
