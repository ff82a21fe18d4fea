/// What came of some lists, one after the other.
///
/// A list takes 32 bytes and a row 24, and 4 for each signal of a hybrid model: ranks are places, and peers are the list's.
struct ListResults: Sendable {
    /// What came of one list, and where its rows are.
    struct List: Sendable {
        let outcome: ClientOutcome
        let rowCount: Int32
        var firstRow: Int

        var rows: Range<Int> { firstRow..<firstRow + Int(rowCount) }
    }

    /// A product of a list.
    struct Row: Sendable {
        let product: Int32
        let reason: ReasonCode
        let score: Double
        let peersHolding: Double
    }

    /// The lists.
    var lists: [List] = []
    /// The rows of all lists.
    var rows: [Row] = []
    /// What each signal says of each row: as many numbers per row as there are signals, NaN where nothing is known.
    var parts: [Float] = []
    /// Time spent looking for peers.
    var searchTime = Duration.zero
    /// Time spent counting votes and choosing products.
    var scoreTime = Duration.zero

    /// The recommendations of a list, best first.
    func recommendations(ofList list: Int) -> some RandomAccessCollection<Recommendation> {
        let list = lists[list]
        return list.rows.lazy.map { [rows] place in
            let row = rows[place]
            return Recommendation(
                product: row.product, rank: Int32(place - list.firstRow + 1), score: row.score,
                peers: row.reason == .popular ? 0 : list.outcome.peers, peersHolding: row.peersHolding,
                reason: row.reason)
        }
    }

    /// Makes room for lists that are placed by their numbers, so that rows are never moved.
    mutating func reserve(lists count: Int, rowsPerList: Int) {
        let none = List(outcome: ClientOutcome(status: .excluded, portfolioSize: 0), rowCount: 0, firstRow: 0)
        lists = [List](repeating: none, count: count)
        rows.reserveCapacity(count * rowsPerList)
    }

    /// Adds a list of the rows from a place on.
    mutating func endList(_ outcome: ClientOutcome, firstRow: Int) {
        lists.append(List(outcome: outcome, rowCount: Int32(rows.count - firstRow), firstRow: firstRow))
    }

    /// Adds other results, giving their lists the numbers that they have among all.
    mutating func place(_ other: ListResults, at numbers: some Sequence<Int>) {
        let start = rows.count
        for (number, list) in zip(numbers, other.lists) {
            lists[number] = List(outcome: list.outcome, rowCount: list.rowCount, firstRow: start + list.firstRow)
        }
        rows += other.rows
        parts += other.parts
        searchTime += other.searchTime
        scoreTime += other.scoreTime
    }
}
