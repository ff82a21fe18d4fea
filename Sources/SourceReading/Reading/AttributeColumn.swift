import Postgres

/// A column of the clients that takes part in distances, as a statement reads it.
struct AttributeColumn: Sendable {
    let name: String
    let weight: Double
    /// Whether it is read as a number; otherwise as the text of a category.
    let isNumeric: Bool
    /// What stands for it in the list of a SELECT: double precision or text.
    let expression: String

    /// - Parameters:
    ///   - mapping: The column and its weight.
    ///   - typeOID: Its base type.
    init(_ mapping: AttributeMapping, typeOID: UInt32, _ session: Session) throws {
        name = mapping.column
        weight = mapping.weight
        switch typeOID {
        case 20, 21, 23, 700, 701, 790, 1700:
            isNumeric = true
            expression = try HoldingsStatement.amount(name, typeOID, key: "clients.attributes", session)
        case 1082, 1114, 1184:
            // Seconds since 1970: only their order counts, and infinite dates become infinite numbers.
            isNumeric = true
            expression = "extract(epoch from \(try session.escapeIdentifier(name)))::double precision"
        default:
            isNumeric = false
            expression = "\(try session.escapeIdentifier(name))::text"
        }
    }
}
