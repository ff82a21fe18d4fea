import Holdings
import Postgres

/// Whether a period of validity still includes its end: looked up where one version of a holding follows another.
struct VersionEnds: Sendable {
    /// How versions follow each other.
    struct Found: Sendable, Equatable {
        /// Versions that end on the day, or at the moment, on which the next begins.
        var touching = 0
        /// Versions that end one day, or up to a second, before the next begins.
        var adjoining = 0
        /// All versions that end before or when the next begins.
        var followed = 0

        /// Whether ends are the last of what is valid, as far as can be told.
        var areInclusive: Bool { adjoining >= 2 && 2 * adjoining >= followed && 10 * touching <= adjoining }
        /// Whether ends are the first of what is not valid any more, as far as can be told.
        var areExclusive: Bool { touching >= 2 && 2 * touching >= followed && 10 * adjoining <= touching }
    }

    let validFrom: DayColumn
    let validTo: DayColumn
    /// The source in a FROM clause.
    let from: String
    let keys: HoldingsKeyColumns
    /// Whether an index finds the rows of a client.
    let hasClientIndex: Bool

    /// Looks at the versions of some clients.
    ///
    /// - Throws: `PostgresError`.
    /// - Complexity: 20,000 rows: of a hundred clients where there is an index on the client, else the first ones.
    func find(_ session: Session) throws -> Found {
        let column = keys.clientColumn
        let ofSomeClients = """
            where \(column) in (
                select distinct client from (
                    select \(column) as client from \(from) where \(column) is not null limit 1000) as first_rows
                limit 100)
            """
        let row = try session.execute(
            """
            with versions as (
                select \(keys.client) as client, \(keys.product ?? "0") as product,
                       \(validFrom.wallTime(of: validFrom.expression)) as valid_from,
                       \(validTo.wallTime(of: validTo.expression)) as valid_to
                from \(from) \(hasClientIndex ? ofSomeClients : "") limit 20000
            ), followed as (
                select valid_to,
                       lead(valid_from) over (partition by client, product order by valid_from, valid_to) as next
                from versions
            )
            select count(*) filter (where next = valid_to),
                   count(*) filter (where next > valid_to and next <= valid_to + interval '1 second'
                                          or next = valid_to + interval '1 day'
                                             and valid_to = date_trunc('day', valid_to)),
                   count(*)
            from followed where next >= valid_to
            """
        ).rows[0]
        func count(_ index: Int) throws -> Int { Int(try row.get(at: index, as: Int64.self)) }
        return Found(touching: try count(0), adjoining: try count(1), followed: try count(2))
    }

    /// Refuses columns of numbers that stand for days in a way that nothing here knows.
    ///
    /// - Throws: `SourceError`; `PostgresError`.
    func refuseNumbersThatAreNoDays(_ session: Session) throws {
        try validFrom.refuseOtherNumbers(from: from, key: "holdings.valid_from", session)
        try validTo.refuseOtherNumbers(from: from, key: "holdings.valid_to", session)
    }
}

extension DayColumn {
    /// Refuses numbers that stand for days in a way that nothing here knows.
    ///
    /// They may be 0, 1, -1 or 99999999 in all rows: nothing has ended.
    ///
    /// - Parameters:
    ///   - from: The source in a FROM clause.
    ///   - key: Configuration key of the column.
    ///   - session: A session that may read it.
    /// - Throws: `SourceError`; `PostgresError`.
    /// - Complexity: The first rows, unless there is no day among them.
    func refuseOtherNumbers(from: String, key: String, _ session: Session) throws {
        guard kind == .number else { return }
        let isUsable: Bool = try session.execute(
            """
            select exists (select from \(from) where \(expression) >= \(Self.leastNumber))
                or not exists (select from \(from) where \(expression) > 1)
            """
        ).rows[0].get(at: 0)
        if !isUsable { throw SourceError.numbersThatAreNoDays(key: key) }
    }
}
