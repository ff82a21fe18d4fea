import Postgres

/// A column that tells the day of a row, in whatever form, and how a query compares it with the day of the run.
struct DayKey: Sendable, Hashable {
    typealias Column = WarehouseSurvey.Column
    typealias Relation = WarehouseSurvey.Relation

    /// How the column tells the day.
    enum Form: Sendable, Hashable {
        /// A date, or a moment.
        case date
        /// `YYYYMMDD` as a number.
        case integerDay
        /// `YYYYMM` as a number.
        case integerMonth
        /// The year as a number, with the month in a column of its own.
        case year(month: Column)
        /// As a text that sorts as its days do, such as `YYYY-MM-DD`; where it is not whole, more follows.
        case text(String, isWhole: Bool)
        /// As any other text, such as `DD.MM.YYYY`.
        case parsed(String)
        /// The key of a calendar that has the date.
        case calendar(Relation, key: Column, date: Column)
    }

    let column: Column
    let form: Form

    /// Whether keys of the configuration can name it.
    var isPlain: Bool {
        switch form {
        case .date: true
        case .integerDay: column.type == .integer || column.type == .bigint || column.type == .numeric
        case .integerMonth, .year, .text, .parsed, .calendar: false
        }
    }

    /// Whether it is known to the day, so that it can begin or end something.
    var isDay: Bool {
        switch form {
        case .date, .integerDay, .parsed: true
        case .text(let pattern, _): pattern.hasSuffix("DD")
        case .integerMonth, .year, .calendar: false
        }
    }

    /// All columns that tell it.
    var columns: [Column] {
        if case .year(let month) = form { return [column, month] }
        return [column]
    }

    /// Whether it also tells the time.
    var isMoment: Bool { column.type == .timestamp || column.type == .timestamptz }

    // MARK: In SQL

    /// The condition for the rows of the latest day that is not after that of the run; of moments, for those of the last
    /// hour, as `as_of` has it.
    ///
    /// - Parameter relation: The relation of the column.
    func latest(in relation: Relation) -> String {
        let own = value(SelectDraft.alias)
        if case .calendar(let calendar, let key, let date) = form {
            return """
                \(own) = (select d.\(key.sql) from \(calendar.sql) d
                    where d.\(date.sql) <= :as_of and exists (select 1 from \(relation.sql) x where x.\(column.sql) = d.\(key.sql))
                    order by d.\(date.sql) desc limit 1)
                """
        }
        guard !isMoment else {
            return """
                \(untilThen)
                  and \(own) > (select max(x.\(column.sql)) from \(relation.sql) x where x.\(column.sql) < :as_of + 1) - interval '1 hour'
                """
        }
        let select = "select max(\(value("x"))) from \(relation.sql) x"
        let isLong = 2 * own.utf8.count + select.utf8.count > 80
        return "\(own) = (\(select)\(isLong ? "\n    " : " ")where \(value("x")) <= \(limit))"
    }

    /// The condition for rows up to the day of the run.
    var untilThen: String {
        switch form {
        case .calendar(let calendar, let key, let date):
            "\(value(SelectDraft.alias)) in (select d.\(key.sql) from \(calendar.sql) d where d.\(date.sql) <= :as_of)"
        default: "\(value(SelectDraft.alias)) \(isMoment ? "< :as_of + 1" : "<= \(limit)")"
        }
    }

    /// The condition for rows that have begun; NULL is an open beginning.
    var hasBegun: String { "(\(value(SelectDraft.alias)) is null or \(untilThen))" }

    /// The condition for rows that have not ended; NULL is an open end.
    ///
    /// - Parameter isInclusive: Whether a row still counts on the day of its end.
    func lasts(isInclusive: Bool) -> String {
        let own = value(SelectDraft.alias)
        if isMoment { return "(\(own) is null or \(own) >= :as_of\(isInclusive ? "" : " + 1"))" }
        // 0 and the like stand for no day, as `valid_to` has it.
        let unknown = form == .integerDay ? " or \(own) < \(DayColumn.leastNumber)" : ""
        return "(\(own) is null or \(own) \(isInclusive ? ">=" : ">") \(limit)\(unknown))"
    }

    /// What stands for the day, and can be compared with others.
    ///
    /// - Parameter alias: What the relation is called.
    func value(_ alias: String) -> String {
        let name = "\(alias).\(column.sql)"
        return switch form {
        case .text(let pattern, let isWhole): isWhole ? name : "left(\(name), \(pattern.utf8.count))"
        case .parsed(let pattern): "to_date(\(name), '\(pattern)')"
        case .year(let month): "\(name) * 100 + \(alias).\(month.sql)"
        case .date, .integerDay, .integerMonth, .calendar: name
        }
    }

    /// The greatest value that counts.
    private var limit: String {
        switch form {
        case .integerDay: "to_char(:as_of, 'YYYYMMDD')::integer"
        case .integerMonth, .year: "to_char(:as_of, 'YYYYMM')::integer"
        case .text(let pattern, _): "to_char(:as_of, '\(pattern)')"
        case .date, .parsed, .calendar: ":as_of"
        }
    }

    // MARK: In words

    /// What it is.
    var meaning: String {
        switch form {
        case .date: isMoment ? "a time" : "a date"
        case .integerDay: "a date as a number, YYYYMMDD"
        case .integerMonth: "a month as a number, YYYYMM"
        case .year(let month): "the year, with \(month.name) for the month"
        case .text(let pattern, _), .parsed(let pattern): "a date as a text, \(pattern)"
        case .calendar(let calendar, _, let date): "the key of \(calendar.name), whose \(date.name) is the date"
        }
    }
}

extension DayKey {
    /// The columns of a relation that tell days.
    static func all(_ evidence: RelationEvidence, _ sampler: Sampler) throws -> [DayKey] {
        var days: [DayKey] = try evidence.relation.columns.compactMap { column in
            if let form = try calendar(of: column, evidence, sampler) { return DayKey(column: column, form: form) }
            return evidence.dayForm(column).map { DayKey(column: column, form: $0) }
        }
        if let year = yearAndMonth(evidence, besides: days.map(\.column)) { days.append(year) }
        return days
    }

    /// A year and a month in two columns.
    private static func yearAndMonth(_ evidence: RelationEvidence, besides taken: [Column]) -> DayKey? {
        func column(_ meaning: NameMeaning, _ range: ClosedRange<Int>) -> Column? {
            let numbers = evidence.relation.columns.filter { column in
                guard column.type.isNumber, !taken.contains(column), let found = evidence[column], found.odd == 0,
                    let low = found.low.flatMap({ Int($0) }), let high = found.high.flatMap({ Int($0) })
                else { return false }
                return range.contains(low) && range.contains(high)
            }
            return ColumnChoice.best(numbers, meaning)?.column
        }
        guard let year = column(.year, 1900...2200), let month = column(.month, 1...12), year != month else {
            return nil
        }
        return DayKey(column: year, form: .year(month: month))
    }

    /// What a column is whose values are keys of a calendar: by a foreign key, or a unique column of the same name.
    private static func calendar(of column: Column, _ evidence: RelationEvidence, _ sampler: Sampler) throws -> Form? {
        guard column.type.isNumber, column.isID else { return nil }
        let named = sampler.survey.relations.filter { relation in
            NameMeaning.calendar.score(relation.name.name) > 0 && relation[column.name] != nil
        }
        let isNamed = [NameMeaning.day, .snapshot, .calendar].contains { $0.score(column.name) > 0 }
        let candidates = sampler.survey.referenced(by: column).map { [$0] } ?? (isNamed ? named : [])
        for relation in candidates where relation.oid != evidence.relation.oid {
            let dates = relation.columns.filter { $0.type == .date }
            let rows = try dates.isEmpty ? nil : sampler.evidence(relation)
            guard let rows, NameMeaning.calendar.score(relation.name.name) > 0 || isNamed else { continue }
            let keys = relation.columns.filter { $0.isID && rows.isUnique($0) }
            guard let key = keys.first(where: { $0.name == column.name }) ?? keys.first(where: relation.isUnique),
                let date = dates.first(where: rows.isUnique) ?? dates.first
            else { continue }
            let isDay = try rows[key]?.dayForm == .integerDay && spellsDays(key, date, relation, sampler)
            return isDay ? .integerDay : .calendar(relation, key: key, date: date)
        }
        return nil
    }

    /// Whether the keys of a calendar are its days as numbers, so that nobody need look them up in it.
    private static func spellsDays(
        _ key: Column, _ date: Column, _ calendar: Relation, _ sampler: Sampler
    ) throws -> Bool {
        try sampler.read { session in
            try session.execute(
                """
                select not exists (
                    select from \(calendar.sql)
                    where \(key.sql) > 1 and \(key.sql)::text <> to_char(\(date.sql), 'YYYYMMDD'))
                """
            ).rows[0].get(at: 0, as: Bool.self)
        } ?? false
    }
}
