import Postgres

/// A column of the clients that takes part in distances, as rows have it.
struct AttributeColumn: Sendable {
    enum Kind: Sendable {
        case number(Field<Double>)
        /// The text of a category.
        case category(Field<UnsafeRawBufferPointer>)
    }

    let name: String
    let weight: Double
    let kind: Kind

    /// - Parameters:
    ///   - mapping: The column and its weight.
    ///   - field: Where rows have it.
    ///   - type: Its type.
    init(_ mapping: AttributeMapping, _ field: Field<AnyValue>, _ type: ColumnType) {
        name = mapping.column
        weight = mapping.weight
        kind = type.isMeasure ? .number(field.typed()) : .category(field.typed())
    }
}
