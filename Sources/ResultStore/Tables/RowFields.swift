/// Takes the fields of a row of a ``ResultTable``, each with its column: to encode them, or to list the columns.
///
/// Values are closures, so that no row is needed for the list.
protocol RowFields {
    associatedtype Failure: Error

    mutating func smallint(_ column: StaticString, _ value: @autoclosure () -> Int16) throws(Failure)
    mutating func integer(_ column: StaticString, _ value: @autoclosure () -> Int32) throws(Failure)
    mutating func bigint(_ column: StaticString, _ value: @autoclosure () -> Int64) throws(Failure)
    mutating func double(_ column: StaticString, _ value: @autoclosure () -> Double?) throws(Failure)
    mutating func boolean(_ column: StaticString, _ value: @autoclosure () -> Bool) throws(Failure)
    mutating func text(_ column: StaticString, _ value: @autoclosure () -> String?) throws(Failure)
    /// The text of a JSON value.
    mutating func jsonb(_ column: StaticString, _ value: @autoclosure () -> String?) throws(Failure)
    /// The id of a client in PostgreSQL's binary format.
    mutating func client(_ column: StaticString, _ id: @autoclosure () -> UnsafeRawBufferPointer) throws(Failure)
    /// The id of a product, likewise.
    mutating func product(_ column: StaticString, _ id: @autoclosure () -> UnsafeRawBufferPointer) throws(Failure)
}

/// A column of a ``ResultTable``.
struct ResultColumn: Sendable, Hashable {
    /// What a column may hold; the raw value is SQL.
    enum ColumnType: String, Sendable {
        case smallint, integer, bigint, boolean, text, jsonb
        case double = "double precision"
        /// The warehouse's own types, for which the schema was installed.
        case client = "{{client_id_type}}"
        case product = "{{product_id_type}}"
    }

    let name: String
    let type: ColumnType
}

/// Lists columns.
struct ColumnList: RowFields {
    private(set) var columns: [ResultColumn] = []

    private mutating func add(_ column: StaticString, _ type: ResultColumn.ColumnType) {
        columns.append(ResultColumn(name: "\(column)", type: type))
    }

    mutating func smallint(_ column: StaticString, _ value: @autoclosure () -> Int16) { add(column, .smallint) }
    mutating func integer(_ column: StaticString, _ value: @autoclosure () -> Int32) { add(column, .integer) }
    mutating func bigint(_ column: StaticString, _ value: @autoclosure () -> Int64) { add(column, .bigint) }
    mutating func double(_ column: StaticString, _ value: @autoclosure () -> Double?) { add(column, .double) }
    mutating func boolean(_ column: StaticString, _ value: @autoclosure () -> Bool) { add(column, .boolean) }
    mutating func text(_ column: StaticString, _ value: @autoclosure () -> String?) { add(column, .text) }
    mutating func jsonb(_ column: StaticString, _ value: @autoclosure () -> String?) { add(column, .jsonb) }
    mutating func client(_ column: StaticString, _ id: @autoclosure () -> UnsafeRawBufferPointer) {
        add(column, .client)
    }
    mutating func product(_ column: StaticString, _ id: @autoclosure () -> UnsafeRawBufferPointer) {
        add(column, .product)
    }
}
