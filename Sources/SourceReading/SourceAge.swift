public import Postgres

/// How long ago the sources were loaded, by the database's clock.
public enum SourceAge {
    /// By the highest value of a column of the holdings' relation; of the day of transactions, by the highest that has come.
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
        var query = "select max(\(value)) from \(qualified)"
        // Trades are entered ahead, too, which says nothing about when that was.
        if case .trades(let trades) = holdings.dating, trades.utf8.elementsEqual(column.utf8) {
            query += " where \(value) <= clock_timestamp()"
        }
        return try seconds(query, key: "freshness.column", session)
    }

    /// By the only value of a `SELECT`.
    ///
    /// - Returns: Seconds; nil when it returns no row or NULL.
    /// - Throws: `SourceError` when the statement does not return one time; `PostgresError`.
    public static func ofQuery(_ query: String, session: Session) throws -> Double? {
        try seconds(query, key: "freshness.query", session)
    }

    private static func seconds(_ query: String, key: String, _ session: Session) throws -> Double? {
        do {
            return try session.transaction(.consistentRead) { session in
                try session.pinTemporaryNames()
                let rows = try session.execute(
                    """
                    select extract(epoch from clock_timestamp() - t.loaded_at::timestamptz)::double precision
                    from (\(query)
                    ) as t(loaded_at)
                    """
                ).rows
                guard rows.count <= 1 else {
                    throw SourceError(.type, key: key, "the statement returns more than one row")
                }
                return try rows.first?.getIfPresent(at: 0)
            }
        } catch let error as PostgresError where ["42846", "42883", "22007", "42P10"].contains(error.sqlState ?? "") {
            throw SourceError(.type, key: key, "the value must be one date or timestamp")
        } catch let error as PostgresError where error.sqlState == "42703" {
            throw SourceError(.column, key: key, "there is no such column")
        } catch let error as PostgresError where error.sqlState == "42501" {
            throw SourceError(.privilege, key: key, "the service may not read it; grant it SELECT")
        }
    }
}
