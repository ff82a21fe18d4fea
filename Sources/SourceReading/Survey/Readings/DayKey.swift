/// A column that tells the day of a row, in whatever form, and how a query compares it with the day of the run.
struct DayKey: Sendable, Hashable {
    /// How the column tells the day.
    enum Form: Sendable, Hashable {
        case date
        /// `YYYYMMDD` as a number.
        case integerDay
        /// `YYYYMM` as a number.
        case integerMonth
        /// As a text, such as `YYYY-MM-DD`.
        case text(String)
        /// The key of a calendar that has the date.
        case calendar(WarehouseSurvey.Relation, key: WarehouseSurvey.Column, date: WarehouseSurvey.Column)
    }

    let column: WarehouseSurvey.Column
    let form: Form

    /// Whether `holdings.as_of` can name it.
    var isPlain: Bool { form == .date }
    /// Whether it is a date or a moment.
    var isDate: Bool { form == .date }

    /// The condition for the rows of the latest day that is not after that of the run.
    ///
    /// - Parameter relation: The relation of the column.
    func latest(in relation: WarehouseSurvey.Relation) -> String {
        let (own, name) = (SelectDraft.column(column), column.sql)
        switch form {
        case .date, .text, .integerDay, .integerMonth:
            return "\(own) = (select max(\(name)) from \(relation.sql) where \(name) <= \(limit))"
        case .calendar(let calendar, let key, let date):
            return """
                \(own) = (select d.\(key.sql) from \(calendar.sql) d
                    where d.\(date.sql) <= :as_of and exists (select 1 from \(relation.sql) x where x.\(name) = d.\(key.sql))
                    order by d.\(date.sql) desc limit 1)
                """
        }
    }

    /// The condition for rows up to the day of the run.
    var untilThen: String {
        switch form {
        case .calendar(let calendar, let key, let date):
            "\(SelectDraft.column(column)) in (select d.\(key.sql) from \(calendar.sql) d where d.\(date.sql) <= :as_of)"
        default: "\(SelectDraft.column(column)) \(isMoment ? "< :as_of + 1" : "<= \(limit)")"
        }
    }

    private var isMoment: Bool { column.type == .timestamp || column.type == .timestamptz }

    /// The greatest value that counts.
    private var limit: String {
        switch form {
        case .integerDay: "to_char(:as_of, 'YYYYMMDD')::integer"
        case .integerMonth: "to_char(:as_of, 'YYYYMM')::integer"
        case .text(let pattern): "to_char(:as_of, '\(pattern)')"
        case .date, .calendar: ":as_of"
        }
    }

    /// In words.
    var meaning: String {
        switch form {
        case .date: "a date"
        case .integerDay: "a date as a number, YYYYMMDD"
        case .integerMonth: "a month as a number, YYYYMM"
        case .text(let pattern): "a date as a text, \(pattern)"
        case .calendar(let calendar, _, let date): "the key of \(calendar.name), whose \(date.name) is the date"
        }
    }
}

extension DayKey {
    /// The columns of a relation that tell days.
    static func all(_ evidence: RelationEvidence, _ sampler: Sampler) throws -> [DayKey] {
        try evidence.relation.columns.compactMap { column in
            if let (calendar, key, date) = try calendar(of: column, evidence, sampler) {
                return DayKey(column: column, form: .calendar(calendar, key: key, date: date))
            }
            switch evidence.dayForm(column) {
            case .date?: return DayKey(column: column, form: .date)
            case .integerDay?: return DayKey(column: column, form: .integerDay)
            case .integerMonth?: return DayKey(column: column, form: .integerMonth)
            case .text(let pattern)?: return DayKey(column: column, form: .text(pattern))
            case nil: return nil
            }
        }
    }

    /// The calendar whose key a column has: by a foreign key, or a unique column of the same name.
    private static func calendar(
        of column: WarehouseSurvey.Column, _ evidence: RelationEvidence, _ sampler: Sampler
    ) throws -> (WarehouseSurvey.Relation, WarehouseSurvey.Column, WarehouseSurvey.Column)? {
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
            return (relation, key, date)
        }
        return nil
    }
}
