/// What a sample of rows says about a column.
struct ColumnEvidence: Sendable {
    /// Different values kept; a column with more is not one of a few values.
    static let fewValues = 12

    let column: WarehouseSurvey.Column
    /// Rows looked at, those in which it is NULL included.
    let rows: Int
    let nonNull: Int
    /// Different values in the sample, and in all rows where the statistics of the server know more.
    let sampledDistinct: Int
    let distinct: Int
    /// The values, where there are few and they are no days, amounts of money or fractions.
    let values: [String]?
    /// The least and the greatest value, of numbers and texts, and of days as `YYYYMMDD`.
    let low: String?
    let high: String?
    /// How many values are below 0, equal to 0, equal to 1; of booleans, false is 0 and true is 1.
    let negatives: Int
    let zeros: Int
    let ones: Int
    /// Numbers that are not whole; days beyond the foreseeable future; texts that are no days or months.
    let odd: Int

    /// Whether nothing but 0, 1 and NULL is in it, and both 0 or NULL and 1 are.
    var isBinary: Bool {
        guard column.isAmount, column.type != .money else { return false }
        return nonNull > 0 && zeros + ones == nonNull
    }

    /// Whether it tells yes from no in letters.
    var yesValues: [String]? {
        guard column.type.isText, let values, !values.isEmpty, values.count <= 3 else { return nil }
        return ValueWords.yes(values)
    }

    /// Whether there are too few different values to tell clients apart.
    var hasFewValues: Bool { distinct <= Self.fewValues && nonNull >= 100 || isBinary && nonNull >= 10 }

    /// The share of rows in which it is NULL.
    var nullShare: Double { rows == 0 ? 0 : Double(rows - nonNull) / Double(rows) }

    /// How a column tells days, if it may.
    var dayForm: DayForm? {
        if column.type.isDate { return .date }
        guard nonNull > 0, odd == 0 else { return nil }
        if column.type.isText { return textForm }
        guard column.type.isNumber, let low = low.flatMap({ Int($0) }), let high = high.flatMap({ Int($0) }) else {
            return nil
        }
        func isDay(_ value: Int) -> Bool {
            (1900_01_01...9999_12_31).contains(value) && (1...12).contains(value / 100 % 100)
                && (1...31).contains(value % 100)
        }
        func isMonth(_ value: Int) -> Bool { (1900_01...2200_12).contains(value) && (1...12).contains(value % 100) }
        if isDay(low) && isDay(high) { return .integerDay }
        return isMonth(low) && isMonth(high) ? .integerMonth : nil
    }

    /// How texts write days, if all do so in the same way.
    private var textForm: DayForm? {
        let patterns = [10: "YYYY-MM-DD", 8: "YYYYMMDD", 7: "YYYY-MM", 6: "YYYYMM"]
        guard let low, let high, low.utf8.count == high.utf8.count else { return nil }
        return patterns[low.utf8.count].map(DayForm.text)
    }

    /// How days are written.
    enum DayForm: Sendable {
        case date
        /// `YYYYMMDD` as a number.
        case integerDay
        /// `YYYYMM` as a number.
        case integerMonth
        /// As a text, such as `YYYY-MM-DD`; the latest is the greatest.
        case text(String)
    }
}

/// What a sample of a relation's rows says.
struct RelationEvidence: Sendable {
    let relation: WarehouseSurvey.Relation
    /// All rows, as the planner expects.
    let rowEstimate: Double
    /// Rows looked at.
    let rows: Int
    /// Whether these are all.
    let isWhole: Bool
    /// Why nothing was looked at, in words; nil where something was.
    let failure: String?
    /// By the column's name.
    let columns: [String: ColumnEvidence]

    subscript(column: WarehouseSurvey.Column) -> ColumnEvidence? { columns[column.name] }

    /// Whether a column has a different value in every row, as far as is seen; NULL is none.
    func isUnique(_ column: WarehouseSurvey.Column) -> Bool {
        if relation.isUnique(column) { return true }
        guard rows > 1, let evidence = self[column] else { return false }
        return evidence.nonNull == rows && evidence.sampledDistinct == rows
            && (isWhole || Double(2 * evidence.distinct) > rowEstimate)
    }

    /// How a column tells days, if its name, its key or its foreign key says so as well where its type does not.
    func dayForm(_ column: WarehouseSurvey.Column) -> ColumnEvidence.DayForm? {
        if column.type.isDate { return .date }
        guard let form = self[column]?.dayForm else { return nil }
        return NameMeaning.day.score(column.name) > 0 || NameMeaning.snapshot.score(column.name) > 0 ? form : nil
    }
}
