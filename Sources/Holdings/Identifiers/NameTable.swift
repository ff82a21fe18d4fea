/// Texts of which many rows have the same, such as names of managers, with dense indexes in the order in which they came.
///
/// Kept apart by their bytes, as PostgreSQL keeps them: `String` would merge canonically equivalent texts. Memory is the
/// texts' bytes plus at most 24 bytes for each.
package struct NameTable: Sendable {
    private var table = IdentifierTable(type: .text)

    /// Creates an empty table.
    package init() {}

    /// Number of texts.
    package var count: Int { table.count }

    /// The index of a text, adding it if it is new.
    ///
    /// - Throws: `IdentifierError` for bytes that are not UTF-8, which a database with encoding SQL_ASCII can hold.
    package mutating func insert(_ bytes: UnsafeRawBufferPointer) throws -> Int32 {
        do {
            return try table.insert(bytes)
        } catch is IdentifierError {
            throw Self.invalidText
        }
    }

    /// Of two indexes the one whose text comes first by bytes; -1 is none, and any text comes before it.
    package func first(_ left: Int32, _ right: Int32) -> Int32 {
        guard left >= 0, right >= 0, left != right else { return max(left, right) }
        let isRightFirst = table.withBytes(at: left) { left in
            table.withBytes(at: right) { $0.lexicographicallyPrecedes(left) }
        }
        return isRightFirst ? right : left
    }

    /// The texts ascending by bytes, and some indexes of texts, -1 for none, turned into places among them.
    package func sorted(_ indexes: some Sequence<Int32>) -> (names: [String], indexes: [Int32]) {
        let (sorted, places) = table.sorted()
        return (
            (0..<Int32(sorted.count)).map { sorted.text(at: $0) }, indexes.map { $0 < 0 ? -1 : places[Int($0)] }
        )
    }

    /// - Throws: `IdentifierError` for bytes that are not UTF-8.
    package static func validText(_ bytes: UnsafeRawBufferPointer) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw invalidText }
        return text
    }

    private static let invalidText = IdentifierError(
        .invalidText,
        "a name is not valid UTF-8, as happens in a database with encoding SQL_ASCII;"
            + " re-encode the column or convert it in a query")
}
