import Postgres

/// Which rows are about what is still held, where a column says that something has ended.
struct OpenRows {
    /// A condition of a query, and why it stands there.
    struct Filter: Sendable, Hashable {
        let condition: String
        let why: String
    }

    typealias Column = WarehouseSurvey.Column

    let evidence: RelationEvidence
    let days: [DayKey]

    /// The columns with the first and the last day of a row, if there are both.
    ///
    /// Each is a date, and the end is open for some rows: NULL or beyond the foreseeable future. An end that is set for every
    /// row is the end of a contract, and counts as well.
    var validity: (from: Column, to: Column)? {
        let dates = days.filter(\.isDate).map(\.column).filter { NameMeaning.audit.score($0.name) <= 0 }
        guard let to = end else { return nil }
        guard let from = ColumnChoice.best(dates.filter { $0 != to }, .validFrom), from.score >= 1.5 else { return nil }
        return (from.column, to)
    }

    /// The column with the day on which a row has ended or will.
    var end: Column? {
        let dates = days.filter(\.isDate).map(\.column).filter { NameMeaning.audit.score($0.name) <= 0 }
        guard let to = ColumnChoice.best(dates, .validTo), to.score >= 1.5,
            NameMeaning.validFrom.score(to.column.name) < to.score
        else { return nil }
        return to.column
    }

    /// The condition that leaves out what has ended by a column alone.
    func untilEnd(_ to: Column) -> Filter {
        let name = SelectDraft.column(to)
        return Filter(
            condition: "(\(name) is null or \(name) > :as_of)",
            why: "\(to.name) is when a position ended: it is held until then, and where it is NULL")
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

    /// The column that says what is open, if one does: a status of few values, or a flag.
    func status(besides taken: [Column]) -> Status? {
        let columns = evidence.relation.columns.filter { !taken.contains($0) && !evidence.relation.isInKey($0) }
        return columns.compactMap { flag($0) ?? words($0) }.max {
            NameMeaning.status.score($0.column.name) < NameMeaning.status.score($1.column.name)
        }
    }

    /// A boolean, or letters and digits that say yes and no, under a name such as `is_active` or `closed`.
    private func flag(_ column: Column) -> Status? {
        guard let found = evidence[column], let name = FoldedWords.folded(column.name).last, name.count > 2 else {
            return nil
        }
        let saysClosed = ValueWords.statuses([name, "?"]) != nil
        guard saysClosed || ValueWords.statuses([name, "closed"])?.open == [name] else { return nil }
        let yes: String
        if column.type == .boolean {
            yes = SelectDraft.column(column)
        } else if found.isBinary {
            yes = "\(SelectDraft.column(column)) = 1"
        } else if let values = found.yesValues {
            yes = "(\(SelectDraft.isOne(of: values, column)))"
        } else {
            return nil
        }
        // What is not known counts as open.
        let (open, closed) =
            saysClosed ? ("\(yes) is not true", "\(yes) is true") : ("\(yes) is not false", "\(yes) is false")
        return Status(
            column: column,
            filter: Filter(condition: open, why: "\(column.name) says whether a position is still there"),
            closed: closed)
    }

    /// Words or letters such as A and C under a name such as `status`.
    private func words(_ column: Column) -> Status? {
        guard let found = evidence[column], let values = found.values, values.count >= 2, column.type != .boolean,
            let statuses = ValueWords.statuses(values), !values.contains(where: { $0.contains("\\") })
        else { return nil }
        let isNamed = NameMeaning.status.score(column.name) >= 1.5
        let areWords =
            (statuses.closed + statuses.open).allSatisfy { $0.trimmingSpaces.count > 2 } && !statuses.open.isEmpty
        guard isNamed || areWords && NameMeaning.side.score(column.name) < 2 else { return nil }
        let closed = SelectDraft.isOne(of: statuses.closed, column)
        func list(_ values: [String]) -> String { values.map { $0.trimmingSpaces }.joined(separator: ", ") }
        let why = "\(column.name) is \(list(statuses.closed)) for what is not held"
        var status = Status(
            column: column, filter: Filter(condition: "(\(closed)) is not true", why: why), closed: closed)
        if !statuses.others.isEmpty && !statuses.open.isEmpty {
            let filter = Filter(
                condition: SelectDraft.isOne(of: statuses.open, column),
                why: "\(column.name) is \(list(statuses.open)) for what is held")
            status.other = ("if \(list(statuses.others)) in \(column.name) is not held either", filter)
        }
        return status
    }

    /// Whether rows that have ended by their status have no end, or one after today; false where that is not known.
    func disagree(_ closed: String, with to: Column, _ sampler: Sampler) throws -> Bool {
        let name = SelectDraft.column(to)
        let from = sampler.fromClause(evidence.relation, rowEstimate: evidence.rowEstimate)
        let count: Int? = try sampler.read { session in
            try session.execute(
                """
                select count(*) filter (where (\(closed)) and (\(name) is null or \(name) > current_date))
                from (select * from \(from) limit \(Sampler.wholeLimit)) as \(SelectDraft.alias)
                """
            ).rows[0].get(at: 0)
        }
        return (count ?? 0) > 0
    }
}
