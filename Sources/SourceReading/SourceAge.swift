import Holdings
public import Postgres

/// How long ago the sources were loaded, by the database's clock.
public enum SourceAge {
    /// By the highest value of a column of the holdings' relation: a time, or the day that it tells from its beginning; of the
    /// day of transactions, by the highest that has come.
    ///
    /// - Returns: Seconds; nil when there is no value.
    /// - Throws: `SourceError` when the column is none, or tells no time; `PostgresError`.
    /// - Precondition: The holdings are a relation.
    public static func ofHoldings(_ holdings: HoldingsMapping, column: String, session: Session) throws -> Double? {
        guard case .relation(let relation) = holdings.source else {
            preconditionFailure("a column belongs to a relation")
        }
        let name = try session.escapeIdentifier(relation.name)
        let qualified = try relation.schema.map { "\(try session.escapeIdentifier($0)).\(name)" } ?? name
        let value = try session.escapeIdentifier(column)
        // Trades are entered ahead, too, which says nothing about when that was.
        var areAhead = false
        if case .trades(let trades) = holdings.dating { areAhead = trades.utf8.elementsEqual(column.utf8) }
        return try seconds(key: "freshness.column", timeZone: holdings.timeZone, session) { session, today in
            let column = try session.describe("select \(value) from \(qualified)").first
            guard column.flatMap({ DayColumn.Kind(ColumnType(oid: $0.typeOID)) }) == .number else {
                return "select max(\(value)) from \(qualified)"
                    + (areAhead ? " where \(value) <= clock_timestamp()" : "")
            }
            let days = DayColumn(expression: value, kind: .number, timeZone: "")
            return "select to_date(max(\(value))::bigint::text, 'YYYYMMDD') from \(qualified) where \(days.isDay)"
                + (areAhead ? " and \(days.isUpTo(today))" : "")
        }
    }

    /// By the only value of a `SELECT`.
    ///
    /// - Parameters:
    ///   - query: The statement.
    ///   - timeZone: Where a day begins, and whose clocks a timestamp without a time zone goes by.
    ///   - session: Any session outside of a transaction.
    /// - Returns: Seconds; nil when it returns no row or NULL.
    /// - Throws: `SourceError` when the statement does not return one time; `PostgresError`.
    public static func ofQuery(_ query: String, timeZone: String, session: Session) throws -> Double? {
        try seconds(key: "freshness.query", timeZone: timeZone, session) { _, _ in query }
    }

    private static func seconds(
        key: String, timeZone: String, _ session: Session, query: (Session, BusinessDate) throws -> String
    ) throws -> Double? {
        let today = try BusinessDate.today(in: timeZone, session)
        do {
            // Where days begin, and by whose clocks a timestamp without a zone was taken.
            let mode = TransactionMode.consistentRead.setting("TimeZone", timeZone).setting("row_security", "on")
            return try session.transaction(mode) { session in
                try session.pinTemporaryNames()
                let rows = try session.execute(
                    """
                    select ceil(extract(epoch from clock_timestamp() - t.loaded_at::timestamptz))::bigint
                    from (\(try query(session, today))
                    ) as t(loaded_at)
                    """
                ).rows
                guard rows.count <= 1 else {
                    throw SourceError(.type, key: key, "the statement returns more than one row")
                }
                return try (rows.first?.getIfPresent(at: 0, as: Int64.self)).map { Double($0) }
            }
        } catch let error as PostgresError
            where ["42846", "42883", "22007", "22008", "42P10"].contains(error.sqlState ?? "")
        {
            throw SourceError(.type, key: key, "the value must be one date or timestamp")
        } catch let error as PostgresError where error.sqlState == "25006" {
            throw SourceError.writes(key)
        } catch let error as PostgresError where error.sqlState == "42703" {
            throw SourceError(.column, key: key, "there is no such column")
        } catch let error as PostgresError where error.sqlState == "42501" {
            throw SourceError(.privilege, key: key, "the service may not read it; grant it SELECT")
        }
    }
}
