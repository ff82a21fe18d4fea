import Holdings

/// Ids of the holdings that the relation of clients or of products does not list.
package struct UnlistedIDs: Sendable {
    /// How many there are, those included of which nothing is held.
    package let count: Int
    /// Those of which something is held: clients with a portfolio, products that somebody holds.
    package let heldCount: Int
    /// All of which something is held, listed or not.
    package let allHeldCount: Int
    /// Up to five of them, in the order of ids.
    package let examples: [String]
    /// Two ids that differ only in how they are written, one of the holdings and one that is listed; nil where none is found.
    ///
    /// Only looked for where somebody should look.
    package private(set) var nearMatch: NearMatch?

    /// The share of what is held that is not listed, 0...1.
    package var share: Double { Double(heldCount) / Double(max(1, allHeldCount)) }
    /// Whether somebody should look.
    package var isOdd: Bool { share > 0.05 }

    /// - Parameters:
    ///   - unlisted: Final indexes, ascending.
    ///   - identified: Whose ids.
    ///   - ids: All of them.
    ///   - columns: Where sections have ids.
    ///   - isHeld: Whether somebody holds it, or it holds something.
    init(
        _ unlisted: [Int32], _ identified: Identified, in ids: IdentifierTable, columns: [SourceColumn],
        isHeld: (Int) -> Bool
    ) {
        let held = unlisted.filter { isHeld(Int($0)) }
        (count, heldCount, allHeldCount) = (unlisted.count, held.count, (0..<ids.count).count(where: isHeld))
        examples = Occurrences(of: unlisted, in: ids).examples
        nearMatch = nil
        guard isOdd, ids.type == .text else { return }
        let columns = columns.filter { $0.identifies == identified }
        nearMatch = NearMatch(
            held: held, listed: Self.others(than: unlisted, count: ids.count), in: ids,
            heldColumn: columns.first { $0.key.hasPrefix("holdings.") },
            listedColumn: columns.first { $0.key.hasSuffix(".id") })
    }

    /// The indexes that are not among some ascending ones.
    private static func others(than indexes: [Int32], count: Int) -> some Sequence<Int32> {
        var isIn = [Bool](repeating: false, count: count)
        for index in indexes { isIn[Int(index)] = true }
        return (0..<Int32(count)).lazy.filter { !isIn[Int($0)] }
    }
}
