import Postgres

/// Writes the rows of a result table by binary COPY.
///
/// Each table calls it from its own loop, so that the compiler makes one piece of code of a row: a call through a table of
/// functions for each of 55 M fields would be seconds.
struct RowWriter<Table: ResultTable> {
    private let encoder: BinaryCopyEncoder
    private let fieldCount = Table.columns.count
    private var totals = TableTotals()

    /// Encodes fields.
    private struct EncodedFields: RowFields {
        let encoder: BinaryCopyEncoder

        @inline(__always)
        func add<Value: FieldValue>(_ column: StaticString, _ value: @autoclosure () -> Value) throws {
            try value().encode(to: encoder)
        }
    }

    /// Creates a writer into a COPY of the table's columns.
    init(_ writer: CopyInWriter) {
        encoder = BinaryCopyEncoder(writer)
    }

    /// Writes a row.
    @inline(__always)
    mutating func append(_ row: Table.Row) throws {
        try encoder.beginRow(fieldCount: fieldCount)
        var fields = EncodedFields(encoder: encoder)
        try Table.fields(&fields) { row }
        totals.add(Table.totals(of: row))
    }

    /// Ends the COPY.
    ///
    /// - Returns: What was sent.
    consuming func finish() throws -> TableTotals {
        try encoder.finish()
        return totals
    }
}
