/// Texts of which many rows have the same, such as names of managers, with dense indexes in the order in which they came.
///
/// Kept apart by their bytes, as PostgreSQL keeps them: `String` would merge canonically equivalent texts.
package struct NameTable {
    /// The texts by index.
    package private(set) var names: [String] = []
    private var indexes: [[UInt8]: Int32] = [:]

    /// Creates an empty table.
    package init() {}

    /// The index of a text, adding it if it is new.
    ///
    /// - Throws: `IdentifierError` for bytes that are not UTF-8, which a database with encoding SQL_ASCII can hold.
    package mutating func insert(_ bytes: UnsafeRawBufferPointer) throws -> Int32 {
        let key = Array(bytes)
        if let index = indexes[key] { return index }
        let index = Int32(names.count)
        names.append(try Self.validText(bytes))
        indexes[key] = index
        return index
    }

    /// Of two indexes the one whose text comes first by bytes; -1 is none, and any text comes before it.
    package func first(_ left: Int32, _ right: Int32) -> Int32 {
        guard left >= 0, right >= 0 else { return max(left, right) }
        return names[Int(right)].utf8.lexicographicallyPrecedes(names[Int(left)].utf8) ? right : left
    }

    /// The texts ascending by bytes, and some indexes of texts, -1 for none, turned into places among them.
    package func sorted(_ indexes: some Sequence<Int32>) -> (names: [String], indexes: [Int32]) {
        let order = names.indices.sorted { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) }
        var places = [Int32](repeating: 0, count: names.count)
        for (place, index) in order.enumerated() { places[index] = Int32(place) }
        return (order.map { names[$0] }, indexes.map { $0 < 0 ? -1 : places[Int($0)] })
    }

    /// - Throws: `IdentifierError` for bytes that are not UTF-8.
    package static func validText(_ bytes: UnsafeRawBufferPointer) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw IdentifierError(
                .invalidText,
                "a name is not valid UTF-8, as happens in a database with encoding SQL_ASCII;"
                    + " re-encode the column or convert it in a query")
        }
        return text
    }
}
