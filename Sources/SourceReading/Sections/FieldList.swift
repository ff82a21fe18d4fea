import Holdings
import Postgres

/// The columns that a section reads, in the order of its statement.
///
/// The one list of them: which columns a source must have, which rights they take, what the SELECT returns and where a row
/// has it all come from here. Whoever adds a column gets its ``Field``, and nobody else can tell where it is.
struct FieldList: Sendable {
    /// A column and the expression that reads it.
    typealias Entry = (column: WantedColumn, expression: @Sendable (SourceColumn, IdentifierTypes?) throws -> String)

    /// What the statement returns.
    private(set) var fields: [Entry] = []
    /// Columns that the statement compares and does not return.
    private(set) var conditions: [Entry] = []

    /// All columns.
    var names: [String] { (fields + conditions).map(\.column.name) }

    /// Adds a column.
    ///
    /// - Parameters:
    ///   - name: The column's name.
    ///   - key: Configuration key that asks for it.
    ///   - reading: How it is read.
    ///   - isOptional: Whether the source may be without it.
    mutating func add<Value>(
        _ name: String, key: String, _ reading: ColumnReading<Value>, isOptional: Bool = false
    ) -> Field<Value> {
        let column = WantedColumn(name: name, key: key, isOptional: isOptional, identifies: reading.identifies)
        fields.append((column, reading.expression))
        return Field(index: fields.count - 1)
    }

    /// Adds a column that the statement compares and does not return.
    mutating func addCondition(_ name: String, key: String, _ reading: ColumnReading<Never>) -> Condition {
        conditions.append((WantedColumn(name: name, key: key, isOptional: false), reading.expression))
        return Condition(index: conditions.count - 1)
    }
}

/// A column of a section's statement: knows, alone, where a row has it.
struct Field<Value>: Sendable {
    fileprivate let index: Int

    /// The same column of which only its type has told what is read.
    func typed<Known>() -> Field<Known> where Value == AnyValue { Field<Known>(index: index) }
}

/// A column that a section's statement compares.
struct Condition: Sendable {
    fileprivate let index: Int
}

/// The value of a column of which only its type tells what is read.
enum AnyValue {}

extension BinaryCopyRow {
    /// The bytes of an id or a text, or nil for NULL.
    subscript(field: Field<UnsafeRawBufferPointer>) -> UnsafeRawBufferPointer? { self[field.index] }

    /// A number, NaN and infinities included, or nil for NULL.
    subscript(field: Field<Double>) -> Double? {
        get throws(PostgresError) { try double(field.index) }
    }

    /// An amount that comes as bigint, or nil for NULL.
    func int64(_ field: Field<Amount>) throws(PostgresError) -> Int64? { try int64(field.index) }

    /// An amount that comes as numeric, or nil for NULL.
    func numeric(_ field: Field<Amount>) throws(PostgresError) -> BinaryNumeric? { try numeric(field.index) }

    /// An amount that comes as double precision, or nil for NULL.
    func double(_ field: Field<Amount>) throws(PostgresError) -> Double? { try double(field.index) }

    /// A boolean, or nil for NULL.
    subscript(field: Field<Bool>) -> Bool? {
        get throws(PostgresError) { try bool(field.index) }
    }
}

/// A section's statement, written for the columns as they are.
struct SourceQuery: Sendable {
    /// One `SELECT`.
    var text: String
    /// Configuration key that names what it reads.
    let key: String
    /// The columns that it returns.
    let fields: [WantedColumn]
    /// Fields of a row.
    var fieldCount: Int { fields.count }
    private let expressions: [String]
    private let types: [ColumnType]
    /// The columns that have ids.
    let ids: [SourceColumn]

    /// Writes the statement.
    ///
    /// - Parameters:
    ///   - list: What it returns and compares.
    ///   - columns: These columns, what is returned first; nil for an optional one that does not exist.
    ///   - from: The text that stands for the source in a FROM clause.
    ///   - key: Configuration key that names the source.
    ///   - idTypes: The types that ids have in the holdings; nil for the holdings themselves.
    /// - Throws: `SourceError` for a column of a type that cannot be read as wanted.
    fileprivate init(
        _ list: FieldList, _ columns: [SourceColumn?], from: String, key: String, _ idTypes: IdentifierTypes?
    ) throws {
        expressions = try zip(list.fields + list.conditions, columns).map { entry, column in
            try column.map { try entry.expression($0, idTypes) } ?? "null::text"
        }
        self.key = key
        fields = list.fields.map(\.column)
        types = columns.map { $0?.type ?? .other }
        ids = columns.compactMap(\.self).filter { $0.identifies != nil }
        text = "select \(expressions[..<fields.count].joined(separator: ", ")) from \(from)"
    }

    /// The type of a column.
    func type<Value>(of field: Field<Value>) -> ColumnType { types[field.index] }

    /// What reads a column.
    func expression<Value>(of field: Field<Value>) -> String { expressions[field.index] }

    /// The days that a column tells, of whatever type that can.
    ///
    /// - Throws: `PostgresError` for a time zone that no text can hold.
    func days(of condition: Condition, _ catalog: SourceCatalog) throws -> DayColumn {
        let index = fieldCount + condition.index
        guard let kind = DayColumn.Kind(types[index]) else {
            preconditionFailure("a condition on days is only taken on a column that tells days")
        }
        return DayColumn(
            expression: expressions[index], kind: kind,
            timeZone: try catalog.session.escapeLiteral(catalog.timeZone))
    }
}

extension SourceCatalog {
    /// The statement that reads a list of columns.
    ///
    /// - Parameters:
    ///   - list: The columns.
    ///   - source: Relation or query.
    ///   - key: Configuration key of the section, such as `holdings`.
    ///   - sourceKey: Configuration key that names the source, where it is not the section's `relation` or `query`.
    ///   - idTypes: The types that ids have in the holdings; nil for the holdings themselves.
    /// - Throws: `SourceError` that names the key of what does not exist or has the wrong type; `PostgresError`.
    func query(
        _ list: FieldList, of source: SourceRelation, key: String, sourceKey: String? = nil, _ idTypes: IdentifierTypes?
    ) throws -> SourceQuery {
        let wanted = (list.fields + list.conditions).map(\.column)
        let columns = try columns(of: source, key: key, sourceKey: sourceKey, wanted: wanted)
        return try SourceQuery(
            list, columns, from: try fromClause(source), key: sourceKey ?? source.key(in: key), idTypes)
    }
}
