import Postgres

/// Which rows are about what is still held, where a column says that something has ended.
struct OpenRows {
    /// A condition of a query, and why it stands there.
    struct Filter: Sendable, Hashable {
        let condition: String
        let why: String
    }

    /// A column that says what is open, and the conditions on it.
    struct Status {
        let column: Column
        let filter: Filter
        /// The condition for rows that have ended.
        let closed: String
        /// A stricter filter, and when it is right, where values say neither.
        var other: (why: String, filter: Filter)?
    }

    typealias Column = WarehouseSurvey.Column

    let evidence: RelationEvidence
    let days: [DayKey]

    // MARK: Days

    /// The first and the last day of a row, if there are both.
    ///
    /// The end is open for some rows: NULL or beyond the foreseeable future. An end that is set for every row is the end of a
    /// contract, and counts as well.
    var validity: (from: DayKey, to: DayKey)? {
        guard let to = ends.first, let from = best(.validFrom, besides: to), from.1 >= 1.5 else { return nil }
        return (from.0, to)
    }

    /// The days on which a row has ended or will, the likeliest first.
    var ends: [DayKey] {
        let named = known.map { ($0, NameMeaning.validTo.score($0.column.name)) }
        return named.filter { $0.1 >= 1.5 && NameMeaning.validFrom.score($0.0.column.name) < $0.1 }
            .sorted { $0.1 > $1.1 }.map(\.0)
    }

    /// Days that say something of what is held, not when a row was written.
    private var known: [DayKey] { days.filter { $0.isDay && NameMeaning.audit.score($0.column.name) <= 0 } }

    private func best(_ meaning: NameMeaning, besides taken: DayKey) -> (DayKey, Double)? {
        known.filter { $0 != taken }.map { ($0, meaning.score($0.column.name)) }.max { $0.1 < $1.1 }
    }

    /// The condition that leaves out what has ended by a column alone.
    func untilEnd(_ to: DayKey) -> Filter {
        Filter(
            condition: to.lasts(isInclusive: false),
            why: "A position is held until \(to.column.name); NULL means that it still is")
    }

    /// Whether a row is still valid on the day of its end, as far as versions that follow each other tell.
    ///
    /// - Parameters:
    ///   - key: What the versions are of.
    ///   - product: The rest of it, if there is one.
    func endsAreInclusive(
        _ from: DayKey, _ to: DayKey, of key: Column, _ product: Column?, _ sampler: Sampler
    ) throws -> VersionEnds.Found? {
        guard from.isPlain, to.isPlain, let fromKind = DayColumn.Kind(from.column.type),
            let toKind = DayColumn.Kind(to.column.type)
        else { return nil }
        func column(_ day: DayKey, _ kind: DayColumn.Kind) -> DayColumn {
            DayColumn(expression: day.column.sql, kind: kind, timeZone: "'UTC'")
        }
        let ends = VersionEnds(
            validFrom: column(from, fromKind), validTo: column(to, toKind), from: evidence.relation.sql,
            keys: HoldingsKeyColumns(client: key.sql, product: product?.sql, clientColumn: key.sql),
            hasClientIndex: !evidence.isWhole)
        return try sampler.read(ends.find)
    }

    // MARK: Words

    /// The columns that say what is open: those of few values, and flags; the likeliest first.
    ///
    /// - Parameter isTrade: Whether rows are transactions, of which those count that took place.
    func statuses(besides taken: [Column], isTrade: Bool = false) -> [Status] {
        let columns = evidence.relation.columns.filter { !taken.contains($0) && !evidence.relation.isInKey($0) }
        let found = columns.compactMap { flag($0, isTrade: isTrade) ?? words($0, isTrade: isTrade) }
        return found.sorted { NameMeaning.status.score($0.column.name) > NameMeaning.status.score($1.column.name) }
    }

    /// Columns that are called a status and whose values nobody here knows.
    func unknownStatuses(besides taken: [Column]) -> [Column] {
        evidence.relation.columns.filter { column in
            guard !taken.contains(column), column.type != .boolean, !evidence.relation.isInKey(column),
                evidence.dayForm(column) == nil, NameMeaning.status.score(column.name) >= 1.7
            else { return false }
            return (evidence[column]?.values?.count ?? 0) >= 2
        }
    }

    /// The flags that say of a row that it is gone, such as `is_deleted`.
    func deletions(besides taken: [Column]) -> [Status] {
        evidence.relation.columns.filter { !taken.contains($0) && !evidence.relation.isInKey($0) }
            .compactMap { flag($0, isTrade: false) }.filter { $0.filter.condition.hasSuffix("not true") }
    }

    /// Words of flags besides what they say.
    private static let neutral: Set<String> = [
        "is", "flag", "flg", "ind", "indicator", "kz", "has", "ist", "est", "es", "fl", "yn", "priznak", "row", "rec",
        "record", "position", "holding", "contract", "vertrag", "satz", "zapis",
    ]

    /// A boolean, or letters and digits that say yes and no, under a name such as `is_active` or `closed`.
    private func flag(_ column: Column, isTrade: Bool) -> Status? {
        let words = FoldedWords.folded(column.name).filter { !Self.neutral.contains($0) }
        guard let found = evidence[column], words.count == 1, let name = words.first, name.count > 2 else { return nil }
        let statuses = isTrade ? ValueWords.tradeStatuses : ValueWords.statuses
        let saysClosed = statuses([name, "?"]) != nil
        guard saysClosed || statuses([name, isTrade ? "cancelled" : "closed"])?.open == [name] else { return nil }
        let yes: String
        if column.type == .boolean {
            yes = SelectDraft.column(column)
        } else if found.isBinary {
            yes = "\(SelectDraft.column(column)) = 1"
        } else if let values = found.yesValues {
            yes = "(\(SelectDraft.isOne(of: values, column)))"
        } else if let values = found.values, ValueWords.saysNo(values), saysClosed {
            yes = "(\(SelectDraft.column(column)) not in (\(values.map(SelectDraft.literal).joined(separator: ", "))))"
        } else {
            return nil
        }
        // What is not known counts as open.
        let (open, closed) =
            saysClosed ? ("\(yes) is not true", "\(yes) is true") : ("\(yes) is not false", "\(yes) is false")
        return Status(
            column: column,
            filter: Filter(
                condition: open, why: "Rows \(saysClosed ? "marked by" : "without") \(column.name) are left out"),
            closed: closed)
    }

    /// Words or letters such as A and C under a name such as `status`.
    private func words(_ column: Column, isTrade: Bool) -> Status? {
        guard let found = evidence[column], let values = found.values, values.count >= 2, column.type != .boolean,
            let statuses = isTrade ? ValueWords.tradeStatuses(values) : ValueWords.statuses(values),
            !values.contains(where: { $0.contains { $0 == "\\" || $0.isNewline } })
        else { return nil }
        let isNamed = NameMeaning.status.score(column.name) >= 1.5
        let areWords =
            (statuses.closed + statuses.open).allSatisfy { $0.trimmingSpaces.count > 2 } && !statuses.open.isEmpty
        guard isNamed || areWords && NameMeaning.side.score(column.name) < 2 else { return nil }
        let closed = SelectDraft.isOne(of: statuses.closed, column)
        func list(_ values: [String]) -> String { values.map { $0.trimmingSpaces }.joined(separator: " or ") }
        let why = "Rows whose \(column.name) is \(list(statuses.closed)) are left out"
        var status = Status(
            column: column, filter: Filter(condition: "(\(closed)) is not true", why: why), closed: closed)
        if !statuses.others.isEmpty && !statuses.open.isEmpty {
            let filter = Filter(
                condition: SelectDraft.isOne(of: statuses.open, column),
                why: "Only rows whose \(column.name) is \(list(statuses.open)) count")
            status.other = ("if rows whose \(column.name) is \(list(statuses.others)) do not count either", filter)
        }
        return status
    }

    /// Whether rows that have ended by their status have no end, or one after today; false where that is not known.
    func disagree(_ closed: String, with to: DayKey, _ sampler: Sampler) throws -> Bool {
        let from = sampler.fromClause(evidence.relation, rowEstimate: evidence.rowEstimate)
        let open = to.lasts(isInclusive: false).replacing(":as_of", with: "current_date")
        let count: Int? = try sampler.read { session in
            try session.execute(
                """
                select count(*) filter (where (\(closed)) and \(open))
                from (select * from \(from) limit \(Sampler.wholeLimit)) as \(SelectDraft.alias)
                """
            ).rows[0].get(at: 0)
        }
        return (count ?? 0) > 0
    }
}
