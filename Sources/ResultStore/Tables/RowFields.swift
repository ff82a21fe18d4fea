import Postgres

/// Takes the fields of a row of a ``ResultTable``, each with its column: to encode them, or to list the columns.
protocol RowFields {
    associatedtype Failure: Error

    /// - Parameter value: Not called where only the columns are wanted, for which there is no row.
    mutating func add<Value: FieldValue>(_ column: StaticString, _ value: @autoclosure () -> Value) throws(Failure)
}

/// A column of a ``ResultTable``.
struct ResultColumn: Sendable, Hashable {
    let name: String
    /// SQL; the types of ids are the parameters of the migrations.
    let type: String
}

/// Lists columns.
struct ColumnList: RowFields {
    private(set) var columns: [ResultColumn] = []

    mutating func add<Value: FieldValue>(_ column: StaticString, _ value: @autoclosure () -> Value) {
        columns.append(ResultColumn(name: "\(column)", type: Value.columnType))
    }
}

/// What a field may be.
protocol FieldValue {
    static var columnType: String { get }

    func encode(to encoder: BinaryCopyEncoder) throws
}

extension Int16: FieldValue {
    static var columnType: String { "smallint" }

    @inline(__always)
    func encode(to encoder: BinaryCopyEncoder) throws { try encoder.append(self) }
}

extension Int32: FieldValue {
    static var columnType: String { "integer" }

    @inline(__always)
    func encode(to encoder: BinaryCopyEncoder) throws { try encoder.append(self) }
}

extension Int64: FieldValue {
    static var columnType: String { "bigint" }

    @inline(__always)
    func encode(to encoder: BinaryCopyEncoder) throws { try encoder.append(self) }
}

extension Double: FieldValue {
    static var columnType: String { "double precision" }

    @inline(__always)
    func encode(to encoder: BinaryCopyEncoder) throws { try encoder.append(self) }
}

extension Bool: FieldValue {
    static var columnType: String { "boolean" }

    @inline(__always)
    func encode(to encoder: BinaryCopyEncoder) throws { try encoder.append(self) }
}

extension String: FieldValue {
    static var columnType: String { "text" }

    @inline(__always)
    func encode(to encoder: BinaryCopyEncoder) throws { try encoder.append(self) }
}

extension Optional: FieldValue where Wrapped: FieldValue {
    static var columnType: String { Wrapped.columnType }

    @inline(__always)
    func encode(to encoder: BinaryCopyEncoder) throws {
        if let self { try self.encode(to: encoder) } else { try encoder.appendNull() }
    }
}

/// A client's id in PostgreSQL's binary format, valid while its row is written.
struct ClientID: FieldValue {
    static let columnType = "{{client_id_type}}"
    let bytes: UnsafeRawBufferPointer

    @inline(__always)
    func encode(to encoder: BinaryCopyEncoder) throws { try encoder.append(bytes: bytes) }
}

/// A product's id, likewise.
struct ProductID: FieldValue {
    static let columnType = "{{product_id_type}}"
    let bytes: UnsafeRawBufferPointer

    @inline(__always)
    func encode(to encoder: BinaryCopyEncoder) throws { try encoder.append(bytes: bytes) }
}

/// One ASCII character.
struct CharField: FieldValue {
    static let columnType = "\"char\""
    let byte: UInt8

    init(_ character: Unicode.Scalar) { byte = UInt8(ascii: character) }

    @inline(__always)
    func encode(to encoder: BinaryCopyEncoder) throws {
        try withUnsafeBytes(of: byte) { try encoder.append(bytes: $0) }
    }
}

/// An array of numbers, some of which may be missing.
struct RealArray: FieldValue {
    static let columnType = "real[]"
    let elements: [Float?]

    func encode(to encoder: BinaryCopyEncoder) throws {
        // As COPY takes it: dimensions, whether any element is null, the type's OID, length, and the first index; then the
        // elements like fields.
        let header: [Int32] = [1, elements.contains { $0 == nil } ? 1 : 0, 700, Int32(elements.count), 1]
        let fields = elements.map { element -> [Int32] in
            element.map { [4, Int32(bitPattern: $0.bitPattern)] } ?? [-1]
        }
        try (header + fields.joined()).map(\.bigEndian).withUnsafeBytes { try encoder.append(bytes: $0) }
    }
}
