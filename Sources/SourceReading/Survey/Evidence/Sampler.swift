import Postgres

/// Looks at samples of relations, each once, within a bound of time.
final class Sampler {
    /// Rows from which a relation is sampled and no longer looked at whole.
    static let wholeLimit = 60_000
    /// Rows of a sample, about.
    private static let sampleSize = 20_000.0
    /// Columns looked at; of relations with more, the first ones.
    private static let columnLimit = 400
    /// A statement that takes longer is given up, and what it would have told is not known.
    private static let statementLimit = "5s"
    /// When nothing more is looked at.
    private static let timeLimit = Duration.seconds(45)

    let survey: WarehouseSurvey
    private let session: Session
    private let end = ContinuousClock.now + timeLimit
    private var seen: [Int64: RelationEvidence] = [:]

    init(_ survey: WarehouseSurvey, _ session: Session) {
        (self.survey, self.session) = (survey, session)
    }

    /// What a relation's rows say.
    ///
    /// - Throws: `PostgresError` for anything but a statement that the server refuses or that takes too long.
    func evidence(_ relation: WarehouseSurvey.Relation) throws -> RelationEvidence {
        if let evidence = seen[relation.oid] { return evidence }
        let evidence =
            try read { try look($0, relation) }
            ?? RelationEvidence(
                relation: relation, rowEstimate: -1, rows: 0, isWhole: false,
                failure: "its rows could not be looked at in time, so its names have to do", columns: [:])
        seen[relation.oid] = evidence
        return evidence
    }

    /// Runs a statement over a sample, in a read-only transaction with a limit.
    ///
    /// - Returns: Nil when the server refuses it, when it takes too long, and when there is no time left.
    func read<Value>(_ body: (Session) throws -> Value) throws -> Value? {
        guard ContinuousClock.now < end else { return nil }
        let mode = TransactionMode.consistentRead.pinningNames.setting("statement_timeout", Self.statementLimit)
        do {
            return try session.transaction(mode, body)
        } catch let error as PostgresError where error.code == .server {
            return nil
        }
    }

    /// The text that stands in a FROM clause for a relation's rows, all of them or a sample.
    func fromClause(_ relation: WarehouseSurvey.Relation, rowEstimate: Double) -> String {
        if rowEstimate <= Double(Self.wholeLimit) / 2 { return relation.sql }
        let share = Self.sampleSize / rowEstimate
        return relation.isTable
            ? "\(relation.sql) tablesample system (\(100 * share)) repeatable (1)"
            : "\(relation.sql) where pg_catalog.random() < \(share)"
    }

    // MARK: One relation

    private func look(_ session: Session, _ relation: WarehouseSurvey.Relation) throws -> RelationEvidence {
        let plan: String = try session.execute("explain select 1 from \(relation.sql)").rows[0].get(at: 0)
        let rowEstimate = plan.firstMatch(of: /rows=(\d+)/).flatMap { Double($0.1) } ?? 0
        let columns = relation.columns.prefix(Self.columnLimit).filter { $0.type != .other }
        guard !columns.isEmpty else {
            return RelationEvidence(
                relation: relation, rowEstimate: rowEstimate, rows: 0, isWhole: false, failure: nil, columns: [:])
        }
        let known = try knownDistinct(session, relation, rowEstimate)
        let list = columns.map(\.sql).joined(separator: ", ")
        let from = fromClause(relation, rowEstimate: rowEstimate)
        let branches = columns.enumerated().map { Self.branch($1, index: $0) }
        let rows = try session.execute(
            """
            with sample as materialized (select \(list) from \(from) limit \(Self.wholeLimit))
            \(branches.joined(separator: "\nunion all "))
            """
        ).rows
        var found: [String: ColumnEvidence] = [:]
        var count = 0
        let isSample = from != relation.sql
        for row in rows {
            let column = columns[try row.get(at: 0, as: Int.self)]
            count = try row.get(at: 1)
            let distinct: Int = try row.get(at: 3)
            let values: String? = try row.getIfPresent(at: 4)
            let list = values.map { $0.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init) }
            found[column.name] = ColumnEvidence(
                column: column, rows: count, nonNull: try row.get(at: 2), sampledDistinct: distinct,
                distinct: isSample ? max(distinct, known[column.name] ?? 0) : distinct,
                values: list.flatMap { $0.count <= ColumnEvidence.fewValues ? $0 : nil },
                low: try row.getIfPresent(at: 5), high: try row.getIfPresent(at: 6), negatives: try row.get(at: 7),
                zeros: try row.get(at: 8), ones: try row.get(at: 9), odd: try row.get(at: 10),
                shape: try row.getIfPresent(at: 11), secondPart: try row.get(at: 12))
        }
        return RelationEvidence(
            relation: relation, rowEstimate: max(rowEstimate, Double(count)), rows: count,
            isWhole: !isSample && count < Self.wholeLimit, failure: nil, columns: found)
    }

    /// How many different values columns have in all rows, where the server keeps statistics.
    private func knownDistinct(
        _ session: Session, _ relation: WarehouseSurvey.Relation, _ rowEstimate: Double
    ) throws -> [String: Int] {
        var known: [String: Int] = [:]
        for row in try session.execute(
            """
            select attname, n_distinct::double precision from pg_catalog.pg_stats
            where schemaname = $1 and tablename = $2
            order by inherited
            """, [.textOrNull(relation.name.schema), .text(relation.name.name)]
        ).rows {
            let distinct: Double = try row.get(at: 1)
            known[try row.get(at: 0)] = Int(min(1e15, distinct < 0 ? -distinct * max(rowEstimate, 0) : distinct))
        }
        return known
    }

    /// Days and months as texts, year first, perhaps with a time.
    private static let days =
        "^[12][0-9]{3}([-/.][01][0-9]([-/.][0-3][0-9]([ T].*)?)?|[01][0-9]([0-3][0-9])?)$"

    /// The statement for one column: a row with its figures.
    private static func branch(_ column: WarehouseSurvey.Column, index: Int) -> String {
        let name = column.sql
        // What is compared as a number, and what is odd.
        var (number, low, high, odd) = ("null::integer", "null", "null", "0")
        var (shape, secondPart) = ("null", "0")
        var hasValues = true
        switch column.type {
        case .bigint, .smallint, .integer, .real, .double, .numeric:
            (number, low, high) = (name, "min(\(name))::text", "max(\(name))::text")
            odd = "count(*) filter (where \(name) <> floor(\(name)))"
        case .money:
            (number, hasValues) = ("\(name)::numeric", false)
        case .boolean:
            number = "\(name)::integer"
        case .date, .timestamp, .timestamptz:
            (low, high) = ("to_char(min(\(name)), 'YYYYMMDD')", "to_char(max(\(name)), 'YYYYMMDD')")
            odd = "count(*) filter (where \(name) >= '2090-01-01')"
            hasValues = false
        case .text, .char, .varchar, .citext:
            (low, high) = ("left(min(\(name)), 60)", "left(max(\(name)), 60)")
            odd = "count(*) filter (where \(name) !~ '\(days)')"
            let shapeOf =
                "regexp_replace(regexp_replace(left(\(name), 20), '[0-9]', '9', 'g'), '[A-Za-z]', 'A', 'g')"
            shape = "case when min(\(shapeOf)) = max(\(shapeOf)) then min(\(shapeOf)) end"
            secondPart = "coalesce(max(substring(\(name) from '^..[^0-9]([0-9]{2})[^0-9]')::integer), 0)"
        default:
            hasValues = column.type == .enumeration
        }
        let values = """
            (select string_agg(value, E'\\x1f' order by value) from (select distinct left(\(name)::text, 60) collate "C" as value \
            from sample where \(name) is not null limit \(ColumnEvidence.fewValues + 1)) as few)
            """
        return """
            select \(index), count(*), count(\(name)), \
            (select count(*) from (select distinct \(name) from sample where \(name) is not null) as different), \
            \(hasValues ? values : "null"), \(low), \(high), \
            count(*) filter (where \(number) < 0), count(*) filter (where \(number) = 0), \
            count(*) filter (where \(number) = 1), \(odd), \(shape), \(secondPart) from sample
            """
    }
}
