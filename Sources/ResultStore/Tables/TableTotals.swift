/// What a row adds to the totals of its table.
struct RowTotals {
    var count = 1
    var checksum: Int128 = 0
    var contents: UInt64 = 0
}

/// What the rows of a table add up to, as they were sent or as they are there.
struct TableTotals: Sendable, Equatable {
    /// What ``ResultTable/count`` comes to.
    var count = 0
    /// Of scores and ranks; wide, since ranks, scores and clients are multiplied with each other.
    var checksum: Int128 = 0
    /// Of all else that a lost or altered row would change.
    var contents: Int128 = 0

    @inline(__always)
    mutating func add(_ row: RowTotals) {
        count += row.count
        checksum += row.checksum
        contents += Int128(Int64(bitPattern: row.contents))
    }
}
