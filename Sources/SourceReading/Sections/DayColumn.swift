import Holdings

/// A column that tells a day: a date, a timestamp, or a number such as 20261130.
///
/// Every condition compares the column as it is with constants of its own type, so that an index on it serves and no value
/// can fail. A day is one of the zone's own, from midnight to midnight, whatever the session's settings. A number that is
/// no day is compared as a number: what is less than 10000101 counts as unknown, like NULL.
struct DayColumn: Sendable {
    enum Kind: Sendable {
        case date
        /// What a clock in the zone showed.
        case timestamp
        /// A moment.
        case timestamptz
        /// Year, month and day as the digits of a whole number.
        case number

        /// Nil for a type that tells no day.
        init?(_ type: ColumnType) {
            switch type {
            case .date: self = .date
            case .timestamp: self = .timestamp
            case .timestamptz: self = .timestamptz
            case .integer, .bigint, .numeric: self = .number
            default: return nil
            }
        }
    }

    /// The column in SQL, quoted.
    let expression: String
    let kind: Kind
    /// The name of the time zone in SQL, quoted.
    let timeZone: String

    /// Whether its values are moments of a day.
    var tellsTime: Bool { kind == .timestamp || kind == .timestamptz }

    // MARK: Conditions

    /// Rows of a day or of earlier ones.
    func isUpTo(_ day: BusinessDate) -> String {
        switch kind {
        case .date: "\(expression) <= \(day.sqlLiteral)"
        case .number: "\(expression) <= \(day.number)"
        case .timestamp, .timestamptz: "\(expression) < \(midnight(after: day))"
        }
    }

    /// Rows that begin on a day or earlier; NULL is an open beginning.
    func hasBegun(by day: BusinessDate) -> String { "(\(expression) is null or \(isUpTo(day)))" }

    /// Rows that have not ended when a day ends; NULL is an open end.
    ///
    /// - Parameters:
    ///   - day: The day.
    ///   - isInclusive: Whether a row still counts on the day or at the moment that is its end. Of a moment this is so to the
    ///     second, which is the coarsest tick of a clock, and midnight means the whole day that begins then: a day that is
    ///     kept in a timestamp.
    func lasts(beyond day: BusinessDate, isInclusive: Bool) -> String {
        switch kind {
        case .date: "(\(expression) is null or \(expression) \(isInclusive ? ">=" : ">") \(day.sqlLiteral))"
        case .number:
            "(\(expression) is null or \(expression) \(isInclusive ? ">=" : ">") \(day.number)"
                + " or \(expression) < \(Self.leastNumber))"
        case .timestamp, .timestamptz:
            "(\(expression) is null or \(expression) >= \(midnight(after: day))"
                + (isInclusive ? " - interval '1 second' or \(expression) = \(midnight(before: day))" : "") + ")"
        }
    }

    /// Values that are a day of the years 1 to 9999.
    var isDay: String {
        switch kind {
        case .date: "\(expression) between DATE '0001-01-01' and DATE '9999-12-31'"
        case .timestamp: "\(expression) >= TIMESTAMP '0001-01-02' and \(expression) < TIMESTAMP '9999-12-31'"
        case .timestamptz:
            "\(expression) >= TIMESTAMPTZ '0001-01-02 00:00Z' and \(expression) < TIMESTAMPTZ '9999-12-31 00:00Z'"
        case .number:
            "\(expression) between \(Self.leastNumber) and 99991231 and mod(\(expression), 1) = 0"
                + " and mod(\(expression), 10000) between 101 and 1231 and mod(\(expression), 100) between 1 and 31"
                + " and mod(\(expression), 10000) not in (230, 231, 431, 631, 931, 1131)"
                + " and (mod(\(expression), 10000) <> 229 or mod(\(expression) - 229, 40000) = 0"
                + " and (mod(\(expression) - 229, 1000000) <> 0 or mod(\(expression) - 229, 4000000) = 0))"
        }
    }

    // MARK: Values

    /// The text of a value of the column, the same under all settings of a session; one that ``literal(_:)`` takes.
    func text(of value: String) -> String {
        switch kind {
        case .date: "to_char(\(value), 'YYYY-MM-DD')"
        case .timestamp: "to_char(\(value), 'YYYY-MM-DD HH24:MI:SS.US')"
        case .timestamptz: "to_char((\(value)) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        case .number: "(\(value))::bigint::text"
        }
    }

    /// A value in SQL.
    func literal(_ text: String) -> String {
        switch kind {
        case .date: "DATE '\(text)'"
        case .timestamp: "TIMESTAMP '\(text)'"
        case .timestamptz: "TIMESTAMPTZ '\(text)Z'"
        case .number: text
        }
    }

    /// What a calendar and a clock in the zone show at a value, as a timestamp; NULL for what is no day.
    func wallTime(of value: String) -> String {
        let shown =
            switch kind {
            case .date: "\(value)::timestamp"
            case .timestamp: value
            case .timestamptz: "\(value) at time zone \(timeZone)"
            case .number: "to_date(\(value)::bigint::text, 'YYYYMMDD')::timestamp"
            }
        return "case when \(DayColumn(expression: value, kind: kind, timeZone: timeZone).isDay) then \(shown) end"
    }

    /// The midnight at which a day ends, as a value of the column.
    func midnight(after day: BusinessDate) -> String { moment("(\(day.sqlLiteral) + 1)::timestamp") }

    private func midnight(before day: BusinessDate) -> String { moment("\(day.sqlLiteral)::timestamp") }

    private func moment(_ timestamp: String) -> String {
        kind == .timestamptz ? "(\(timestamp) at time zone \(timeZone))" : timestamp
    }

    /// The least number that is a day, of the year 1000.
    static let leastNumber = 10_000_101
}

extension BusinessDate {
    /// The day as a number, such as 20261130.
    var number: Int { (year * 100 + month) * 100 + day }
}
