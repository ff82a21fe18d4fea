import Holdings

/// Texts by arrival index, where of several for one index the first by bytes counts, whatever the order of the rows.
struct FirstTexts: Sendable {
    private var table = NameTable()
    /// By arrival index, -1 for none.
    private var indexes: [Int32] = []

    /// Different texts so far, those that do not count included.
    var count: Int { table.count }

    /// Takes a text; NULL changes nothing.
    mutating func add(_ text: UnsafeRawBufferPointer?, at index: Int) throws {
        guard let text else { return }
        indexes.extend(to: index + 1, with: -1)
        let name = try table.insert(text)
        indexes[index] = table.first(indexes[index], name)
    }

    /// All texts, ascending by bytes, and the place among them of each that counts, in the order of ids; -1 for none.
    func finish(_ newIndexes: [Int32]) -> (names: [String], indexes: [Int32]) {
        let (names, places) = table.sorted(indexes)
        return (names, places.reordered(by: newIndexes, missing: -1))
    }
}
