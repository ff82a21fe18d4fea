import Postgres

/// Writes the rows of a result table by binary COPY.
///
/// Each table calls it from its own loop, so that the compiler makes one piece of code of a row: a call through a table of
/// functions for each of 55 M fields would be seconds.
struct RowWriter<Table: ResultTable> {
    private let encoder: BinaryCopyEncoder
    private let fieldCount = Table.columns.count
    private let sum = Sum()

    private final class Sum {
        @exclusivity(unchecked)
        var checksum = 0
    }

    /// Encodes fields.
    private struct EncodedFields: RowFields {
        let encoder: BinaryCopyEncoder

        @inline(__always)
        func smallint(_ column: StaticString, _ value: @autoclosure () -> Int16) throws {
            try encoder.append(value())
        }

        @inline(__always)
        func integer(_ column: StaticString, _ value: @autoclosure () -> Int32) throws {
            try encoder.append(value())
        }

        @inline(__always)
        func bigint(_ column: StaticString, _ value: @autoclosure () -> Int64) throws {
            try encoder.append(value())
        }

        @inline(__always)
        func double(_ column: StaticString, _ value: @autoclosure () -> Double?) throws {
            if let value = value() { try encoder.append(value) } else { try encoder.appendNull() }
        }

        @inline(__always)
        func boolean(_ column: StaticString, _ value: @autoclosure () -> Bool) throws {
            try encoder.append(value())
        }

        @inline(__always)
        func text(_ column: StaticString, _ value: @autoclosure () -> String?) throws {
            if let value = value() { try encoder.append(value) } else { try encoder.appendNull() }
        }

        @inline(__always)
        func jsonb(_ column: StaticString, _ value: @autoclosure () -> String?) throws {
            guard let value = value() else { return try encoder.appendNull() }
            // As COPY takes it: a version, and its text.
            try ([1] + Array(value.utf8)).withUnsafeBytes { try encoder.append(bytes: $0) }
        }

        @inline(__always)
        func client(_ column: StaticString, _ id: @autoclosure () -> UnsafeRawBufferPointer) throws {
            try encoder.append(bytes: id())
        }

        @inline(__always)
        func product(_ column: StaticString, _ id: @autoclosure () -> UnsafeRawBufferPointer) throws {
            try encoder.append(bytes: id())
        }
    }

    /// Creates a writer into a COPY of the table's columns.
    init(_ writer: CopyInWriter) {
        encoder = BinaryCopyEncoder(writer)
    }

    /// Writes a row.
    @inline(__always)
    func append(_ row: Table.Row) throws {
        try encoder.beginRow(fieldCount: fieldCount)
        var fields = EncodedFields(encoder: encoder)
        try Table.fields(&fields) { row }
        sum.checksum += Table.checksum(of: row)
    }

    /// Ends the COPY.
    ///
    /// - Returns: The sum of the checksums of all rows.
    func finish() throws -> Int {
        try encoder.finish()
        return sum.checksum
    }
}
