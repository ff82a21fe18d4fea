/// The rows of one statement, in memory.
///
/// Made for small results; large ones are streamed with ``Session/copyOut(_:_:)``.
public struct PostgresResult: Sendable {
    /// The columns; empty for a statement that returns no rows.
    public let columns: [ResultColumn]

    /// The rows, in the server's order.
    public let rows: [PostgresRow]

    /// The rows that the statement returned, inserted, updated or deleted; 0 for other statements.
    public let affectedRows: Int

    /// The server's command tag, such as `INSERT 0 5`.
    public let commandTag: String
}

/// One row of a result.
public struct PostgresRow: Sendable {
    /// The columns of the row.
    public let columns: [ResultColumn]

    /// The values in PostgreSQL's text format, `nil` for NULL; as many as there are columns.
    public let values: [String?]

    /// The value of a column by its name.
    ///
    /// - Throws: ``PostgresError/Code/decoding`` if there is no such column, the value is NULL, or it is not a `Value`.
    public func get<Value: PostgresTextDecodable>(
        _ column: String,
        as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        try get(at: index(of: column))
    }

    /// The value of a column by its name, or `nil` for NULL.
    ///
    /// - Throws: ``PostgresError/Code/decoding`` if there is no such column or the value is not a `Value`.
    public func getIfPresent<Value: PostgresTextDecodable>(
        _ column: String,
        as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value? {
        try getIfPresent(at: index(of: column))
    }

    /// The value of a column by its index, counted from 0.
    ///
    /// - Precondition: There is such a column.
    /// - Throws: ``PostgresError/Code/decoding`` if the value is NULL or is not a `Value`.
    public func get<Value: PostgresTextDecodable>(
        at index: Int,
        as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard let value = try getIfPresent(at: index, as: type) else {
            throw PostgresError(code: .decoding, message: "column \"\(columns[index].name)\" is NULL")
        }
        return value
    }

    /// The value of a column by its index, counted from 0, or `nil` for NULL.
    ///
    /// - Precondition: There is such a column.
    /// - Throws: ``PostgresError/Code/decoding`` if the value is not a `Value`.
    public func getIfPresent<Value: PostgresTextDecodable>(
        at index: Int,
        as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value? {
        guard let text = values[index] else { return nil }
        guard let value = Value(postgresText: text) else {
            throw PostgresError(
                code: .decoding,
                message: "column \"\(columns[index].name)\" holds a value that is not a valid \(Value.self)"
            )
        }
        return value
    }

    private func index(of column: String) throws(PostgresError) -> Int {
        guard let index = columns.firstIndex(where: { $0.name == column }) else {
            throw PostgresError(code: .decoding, message: "the result has no column \"\(column)\"")
        }
        return index
    }
}

/// A type that can be read from PostgreSQL's text format.
public protocol PostgresTextDecodable {
    /// Reads a value, or returns `nil` if the text is not one.
    init?(postgresText text: String)
}

extension String: PostgresTextDecodable {
    /// Takes the text as it is.
    public init?(postgresText text: String) {
        self = text
    }
}

extension Int: PostgresTextDecodable {
    /// Reads a decimal integer.
    public init?(postgresText text: String) {
        self.init(text)
    }
}

extension Int128: PostgresTextDecodable {
    /// Reads a whole number, such as a sum that the server has as numeric.
    public init?(postgresText text: String) {
        self.init(text)
    }
}

extension Int32: PostgresTextDecodable {
    /// Reads a decimal integer.
    public init?(postgresText text: String) {
        self.init(text)
    }
}

extension Int64: PostgresTextDecodable {
    /// Reads a decimal integer.
    public init?(postgresText text: String) {
        self.init(text)
    }
}

extension Double: PostgresTextDecodable {
    /// Reads a number, `NaN`, `Infinity` or `-Infinity`.
    ///
    /// A finite number beyond the range of `Double` is refused: Swift alone would make it infinite.
    public init?(postgresText text: String) {
        guard let value = Double(text) else { return nil }
        guard value.isFinite || text == "NaN" || text.hasSuffix("Infinity") else { return nil }
        self = value
    }
}

extension Bool: PostgresTextDecodable {
    /// Reads `t` or `f`.
    public init?(postgresText text: String) {
        switch text {
        case "t": self = true
        case "f": self = false
        default: return nil
        }
    }
}
