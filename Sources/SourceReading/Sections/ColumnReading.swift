import Holdings

/// How a column is read: the expression of its value in a statement, and the type that the value has in a row.
struct ColumnReading<Value>: Sendable {
    /// - Throws: `SourceError` for a column of a type that cannot be read so.
    let expression: @Sendable (SourceColumn, IdentifierTypes?) throws -> String
    /// Whose ids are read; nil for anything else.
    var identifies: Identified?

    init(
        identifies: Identified? = nil,
        _ expression: @escaping @Sendable (SourceColumn, IdentifierTypes?) throws -> String
    ) {
        (self.expression, self.identifies) = (expression, identifies)
    }
}

/// The types of ids: those in the holdings, which all other sections must have.
struct IdentifierTypes: Sendable {
    let client: IdentifierType
    let product: IdentifierType

    subscript(_ identified: Identified) -> IdentifierType { identified == .client ? client : product }
}

extension ColumnReading<UnsafeRawBufferPointer> {
    /// The text of a column of any type.
    static let text = Self { column, _ in column.text }

    /// An id in the type that the holdings have.
    ///
    /// - Parameters:
    ///   - identified: Whose id.
    ///   - acceptsNull: Whether the column may be a bare NULL, which has the type text in a query and stands for an id of
    ///     any type.
    static func id(_ identified: Identified, acceptsNull: Bool = false) -> Self {
        Self(identifies: identified) { column, types in
            let own = column.type.identifierType
            guard let types else {
                guard let own else {
                    throw column.typeError(
                        "the column \"\(column.name)\" has a type that ids cannot have; map a column of type bigint,"
                            + " integer, numeric, text, varchar, uuid or an enum, or cast it in holdings.query")
                }
                return column.identifier(own)
            }
            let expected = types[identified]
            let isReadAs = own == expected || own == .bigint && expected == .numeric || acceptsNull && own == .text
            guard isReadAs else {
                throw column.typeError(
                    "the column \"\(column.name)\" must have the type of the ids in holdings, \(expected.rawValue),"
                        + " and has \(own?.rawValue ?? "one that ids cannot have"); cast it in a query, as in"
                        + " \(column.quotedName)::\(expected.rawValue), or cast that of the holdings")
            }
            return column.identifier(expected)
        }
    }
}

extension SourceColumn {
    /// The column as an id of a type, equal ids in one form.
    ///
    /// Of numbers that shows no decimals. What has some, NaN and infinities stay as they are, and are refused when they are
    /// met.
    fileprivate func identifier(_ type: IdentifierType) -> String {
        guard type == .numeric, self.type == .numeric else { return "\(quotedName)::\(type.rawValue)" }
        return """
            case when pg_catalog.scale(\(quotedName)) > 0 and \(quotedName) = pg_catalog.trunc(\(quotedName)) \
            then pg_catalog.trunc(\(quotedName)) else \(quotedName) end
            """
    }
}

extension ColumnReading<Amount> {
    /// A number or a boolean in a type that keeps it as it is: bigint, numeric or double precision.
    static let amount = Self { column, _ in
        switch column.type {
        case .bigint, .smallint, .integer: return "\(column.quotedName)::bigint"
        case .boolean: return "\(column.quotedName)::integer::bigint"
        case .numeric: return column.quotedName
        case .money: return "\(column.quotedName)::numeric"
        case .real, .double: return "\(column.quotedName)::double precision"
        default:
            throw column.typeError(
                "the column \"\(column.name)\" must be a number or a boolean; map another column, or cast it in"
                    + " holdings.query")
        }
    }
}

extension ColumnReading<Double> {
    /// A plain number as double precision, without ever failing on a value.
    ///
    /// - Parameter refusal: What to say, of a column by its name, about any other type.
    static func number(orElse refusal: @escaping @Sendable (String) -> String) -> Self {
        Self { column, _ in
            guard column.type.isNumber, let number = column.doublePrecision else {
                throw column.typeError(refusal(column.name))
            }
            return number
        }
    }
}

extension ColumnReading<Bool> {
    /// A boolean.
    ///
    /// - Parameter section: The section of the configuration, such as `products`.
    static func flag(in section: String) -> Self {
        Self { column, _ in
            guard column.type == .boolean else {
                throw column.typeError(
                    "the column must be boolean; map a boolean column, or write the condition in \(section).query")
            }
            return column.quotedName
        }
    }
}

extension ColumnReading<Bool> {
    /// Whether a row has no day.
    static let isUndated = Self { column, types in
        let day = try ColumnReading<Never>.day.expression(column, types)
        guard DayColumn.Kind(column.type) == .number else { return "(\(day) is null)" }
        return "(\(day) is null or \(day) < \(DayColumn.leastNumber))"
    }
}

extension ColumnReading<AnyValue> {
    /// A number for numbers and days, of which only their order counts; the text of a category for anything else.
    static let attribute = Self { column, _ in
        guard column.type.isMeasure else { return "\(column.quotedName)::text" }
        // Seconds since 1970; infinite dates become infinite numbers.
        return column.doublePrecision ?? "extract(epoch from \(column.quotedName))::double precision"
    }
}

extension ColumnReading<Never> {
    /// The days of a date, a timestamp or a number such as 20261130: see ``DayColumn``.
    static let day = Self { column, _ in
        guard DayColumn.Kind(column.type) != nil else {
            throw column.typeError(
                "the column \"\(column.name)\" must be a date, a timestamp, or a whole number such as 20261130; convert"
                    + " another in holdings.query, as in to_date(\(column.quotedName), 'YYYYMMDD'), and compare it with"
                    + " :as_of there")
        }
        return column.quotedName
    }
}

extension SourceColumn {
    /// The column as double precision, without ever failing on a value; nil for what is no number.
    fileprivate var doublePrecision: String? {
        switch type {
        case .bigint, .smallint, .integer, .real, .double: "\(quotedName)::double precision"
        case .numeric: Self.doublePrecision(quotedName)
        case .money: Self.doublePrecision("\(quotedName)::numeric")
        default: nil
        }
    }

    /// The expression that reads a value of any type as text, the same whatever the server's DateStyle, TimeZone and
    /// extra_float_digits are.
    fileprivate var text: String {
        func finite(_ date: String, _ pattern: String) -> String {
            "case when isfinite(\(quotedName)) then to_char(\(date), '\(pattern)') else \(quotedName)::text end"
        }
        return switch type {
        case .date: finite(quotedName, "YYYY-MM-DD")
        case .timestamp: finite(quotedName, "YYYY-MM-DD HH24:MI:SS.US")
        case .timestamptz: finite("\(quotedName) at time zone 'UTC'", "YYYY-MM-DD HH24:MI:SS.US+00")
        // Of infinite numbers and NaN the difference is NaN.
        case .real, .double:
            "case when \(quotedName) - \(quotedName) = 0 then \(quotedName)::numeric::text"
                + " else \(quotedName)::text end"
        default: "\(quotedName)::text"
        }
    }

    /// numeric reaches far beyond double precision, and the cast would end the whole COPY: such numbers are read as
    /// infinite, which is a finding.
    private static func doublePrecision(_ number: String) -> String {
        """
        case when \(number) = 'NaN' then 'NaN' \
        when abs(\(number)) > 1.7976931348623157e308 then sign(\(number))::double precision * 'Infinity'::double precision \
        when \(number) <> 0::numeric and abs(\(number)) < 2.3e-308 then 'Infinity' \
        else \(number)::double precision end
        """
    }
}
