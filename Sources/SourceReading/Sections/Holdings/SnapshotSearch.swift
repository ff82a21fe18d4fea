import Holdings
import Postgres

/// Finds the snapshot that counts on a day: the rows of the latest day, or with times those of the latest load, which are
/// less than a window older than the latest row.
struct SnapshotSearch: Sendable {
    let column: DayColumn
    let window: Duration
    let asOf: BusinessDate
    /// The source in a FROM clause.
    let from: String
    let keys: HoldingsKeyColumns
    /// Whether to look at what was loaded before, too.
    let comparesLoads: Bool

    /// Loads that end soon after midnight belong to the day before, too.
    private static let leastDay = "interval '12 hours'"

    private var windowInterval: String { Self.interval(window) }
    /// Rows that are no further apart come from one load.
    private var closeness: String { Self.interval(window / 12) }

    // Not in microseconds, of which an interval's text may have no more than fit into 32 bits before PostgreSQL 15.
    private static func interval(_ duration: Duration) -> String {
        "make_interval(secs => \(Int(duration / .microseconds(1))) / 1e6)"
    }

    /// The condition that the rows of the snapshot fulfill, and what is known of it before its rows have been read.
    ///
    /// - Returns: Nil for the snapshot when there is none.
    /// - Throws: `SourceError` for a column of numbers that are no days; `PostgresError`.
    /// - Complexity: Two looks into an index on the column, or as many scans without one; with a comparison, one more pass
    ///   over the rows of the snapshot before, and over those of the day where it has several.
    func snapshot(_ session: Session) throws -> (condition: String, snapshot: HoldingsSnapshot?) {
        guard let latest = try latest(where: column.isUpTo(asOf), session) else {
            try refuseNumbersThatAreNoDays(session)
            return ("false", nil)
        }
        return try column.tellsTime ? load(endingAt: latest, session) : day(latest, session)
    }

    // MARK: Days

    private func day(_ latest: String, _ session: Session) throws -> (condition: String, snapshot: HoldingsSnapshot?) {
        var snapshot = HoldingsSnapshot(date: name(ofDay: latest), size: .init(name: name(ofDay: latest)))
        if comparesLoads,
            let before = try self.latest(where: "\(column.expression) < \(column.literal(latest))", session)
        {
            snapshot.previous = try size(name: name(ofDay: before), where: equals(before), session)
        }
        return (equals(latest), snapshot)
    }

    private func equals(_ value: String) -> String { "\(column.expression) = \(column.literal(value))" }

    private func name(ofDay value: String) -> String {
        guard column.kind == .number else { return value }
        return "\(value.prefix(4))-\(value.dropFirst(4).prefix(2))-\(value.dropFirst(6))"
    }

    private func refuseNumbersThatAreNoDays(_ session: Session) throws {
        guard column.kind == .number, try exists("\(column.expression) is not null", session),
            try !exists(column.isDay, session)
        else { return }
        throw SourceError.numbersThatAreNoDays(key: "holdings.as_of")
    }

    // MARK: Times

    private func load(
        endingAt latest: String, _ session: Session
    ) throws -> (condition: String, snapshot: HoldingsSnapshot?) {
        let end = try end(ofLoadWith: column.literal(latest), session)
        let row = try session.execute(
            """
            select \(column.text(of: begin(ofLoadEndingAt: end))),
                   to_char(shown, 'YYYY-MM-DD'), to_char(shown, 'YYYY-MM-DD HH24:MI'),
                   \(column.text(of: "least(\(midnight("shown")), \(end) - \(Self.leastDay))"))
            from (select \(wallTime(end)) as shown) as latest
            """
        ).rows[0]
        let begin = column.literal(try row.get(at: 0))
        var snapshot = HoldingsSnapshot(date: try row.get(at: 1), size: .init(name: try row.get(at: 2)))
        if comparesLoads {
            let dayBegin = column.literal(try row.get(at: 3))
            try compare(&snapshot, begin: begin, end: end, dayBegin: dayBegin, session)
        }
        return ("\(column.expression) > \(begin) and \(column.expression) <= \(end)", snapshot)
    }

    /// The latest row of a load that goes on after midnight, which belongs to the day on which it began as well.
    private func end(ofLoadWith latest: String, _ session: Session) throws -> String {
        let isCloseToMidnight: Bool = try session.execute(
            "select \(latest) >= \(column.midnight(after: asOf)) - \(closeness)"
        ).rows[0].get(at: 0)
        func isAfter(_ duration: String) -> String {
            "\(column.expression) > \(latest) and \(column.expression) <= \(latest) + \(duration)"
        }
        guard isCloseToMidnight, try exists(isAfter(closeness), session) else { return latest }
        return try self.latest(where: isAfter(windowInterval), session).map(column.literal) ?? latest
    }

    /// Adds what came before a load.
    private func compare(
        _ snapshot: inout HoldingsSnapshot, begin: String, end: String, dayBegin: String, _ session: Session
    ) throws {
        let column = column.expression
        snapshot.hasSeveralTimes = try exists("\(column) > \(begin) and \(column) < \(end)", session)
        guard let before = try latest(where: "\(column) <= \(begin)", session) else { return }
        let previousEnd = self.column.literal(before)
        let row = try session.execute(
            """
            select to_char(\(wallTime(previousEnd)), 'YYYY-MM-DD HH24:MI'), \(previousEnd) >= \(dayBegin),
                   \(previousEnd) > \(begin) - \(closeness)
            """
        ).rows[0]
        snapshot.previous = try size(
            name: try row.get(at: 0),
            where: "\(column) > \(self.begin(ofLoadEndingAt: previousEnd)) and \(column) <= \(previousEnd)", session)
        if try row.get(at: 1) {
            snapshot.wholeDay = try wholeDay(from: dayBegin, loadBegin: begin, end: end, session)
        }
        if try row.get(at: 2) {
            snapshot.isCutByWindow = try exists(
                "\(column) > \(begin) and \(column) <= least(\(previousEnd) + \(closeness), \(end))", session)
        }
    }

    private func begin(ofLoadEndingAt end: String) -> String {
        "\(end) - \(windowInterval)"
    }

    private func wallTime(_ value: String) -> String {
        column.kind == .timestamptz ? "\(value) at time zone \(column.timeZone)" : value
    }

    private func midnight(_ wallTime: String) -> String {
        let midnight = "date_trunc('day', \(wallTime))"
        return column.kind == .timestamptz ? "\(midnight) at time zone \(column.timeZone)" : midnight
    }

    private func wholeDay(
        from begin: String, loadBegin: String, end: String, _ session: Session
    ) throws -> HoldingsSnapshot.WholeDay {
        let row = try session.execute(
            """
            select count(*), count(*) filter (where missing = pairs),
                   coalesce(sum(pairs), 0)::bigint, coalesce(sum(missing), 0)::bigint
            from (select count(*) as pairs, count(*) filter (where not is_loaded) as missing
                  from (select \(keys.client) as client, bool_or(\(column.expression) > \(loadBegin)) as is_loaded
                        from \(from)
                        where \(column.expression) between \(begin) and \(end) and \(keys.areKnown)
                        group by \(keys.list)) as pairs
                  group by client) as clients
            """
        ).rows[0]
        func count(_ index: Int) throws -> Int { Int(try row.get(at: index, as: Int64.self)) }
        return HoldingsSnapshot.WholeDay(
            clients: try count(0), clientsMissing: try count(1), pairs: try count(2), pairsMissing: try count(3))
    }

    // MARK: Statements

    /// The highest of the column's values that are days.
    private func latest(where condition: String, _ session: Session) throws -> String? {
        try session.execute(
            """
            select \(column.text(of: "max(\(column.expression))")) from \(from)
            where \(condition) and \(column.isDay)
            """
        ).rows.first?.getIfPresent(at: 0)
    }

    private func exists(_ condition: String, _ session: Session) throws -> Bool {
        try session.execute("select exists (select from \(from) where \(condition))").rows[0].get(at: 0)
    }

    private func size(name: String, where condition: String, _ session: Session) throws -> HoldingsSnapshot.Size {
        let row = try session.execute(
            """
            select count(*), count(distinct \(keys.client)) from \(from) where \(condition) and \(keys.areKnown)
            """
        ).rows[0]
        return HoldingsSnapshot.Size(
            name: name, rows: Int(try row.get(at: 0, as: Int64.self)), clients: Int(try row.get(at: 1, as: Int64.self)))
    }
}

/// What tells the holdings of a relation apart, in SQL: texts by their bytes, which is faster and means the same.
struct HoldingsKeyColumns: Sendable {
    let client: String
    /// Nil where each product has a column.
    let product: String?
    /// The column of the client as it is, with which an index on it serves.
    let clientColumn: String

    var list: String { [client, product].compactMap(\.self).joined(separator: ", ") }
    var areKnown: String {
        [client, product].compactMap(\.self).map { "\($0) is not null" }.joined(separator: " and ")
    }
}

extension HoldingsSnapshot.Size {
    /// The size of what has not been read yet.
    init(name: String) { self.init(name: name, rows: 0, clients: 0) }
}

extension SourceError {
    static func numbersThatAreNoDays(key: String) -> SourceError {
        SourceError(
            .type, key: key,
            "no number in the column is a day such as 20261130; where numbers stand for days in another way, such as the keys"
                + " of a calendar, join it in holdings.query and compare its date with :as_of")
    }
}
