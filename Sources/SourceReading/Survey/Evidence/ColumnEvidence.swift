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
    /// Numbers that are not whole; days beyond the foreseeable future; texts that are no days or months, year first.
    let odd: Int
    /// What all texts look like, 9 for a digit and A for a letter; nil where they differ.
    let shape: String?
    /// The greatest number in the fourth and fifth place of texts; 0 without one.
    let secondPart: Int

    /// Whether nothing but 0, 1 and NULL is in it, and both 0 or NULL and 1 are.
    var isBinary: Bool {
        guard column.isAmount, column.type != .money else { return false }
        return nonNull > 0 && zeros + ones == nonNull
    }

    /// Whether it tells yes from no in letters.
    var yesValues: [String]? {
        guard column.isWord, let values, !values.isEmpty, values.count <= 3 else { return nil }
        return ValueWords.yes(values)
    }

    /// Whether there are too few different values to tell clients apart.
    var hasFewValues: Bool { distinct <= Self.fewValues && nonNull >= 100 || isBinary && nonNull >= 10 }

    /// Whether it has few values for the rows there are, be they few themselves.
    var isOfFew: Bool { distinct <= Self.fewValues && nonNull >= 3 * Self.fewValues }

    /// The share of rows in which it is NULL.
    var nullShare: Double { rows == 0 ? 0 : Double(rows - nonNull) / Double(rows) }

    /// How a column tells days, if it may.
    var dayForm: DayKey.Form? {
        if column.type.isDate { return .date }
        guard nonNull > 0 else { return nil }
        if column.type.isText { return textForm }
        guard odd == 0, column.type.isNumber, let low = low.flatMap({ Int($0) }), let high = high.flatMap({ Int($0) })
        else { return nil }
        func isDay(_ value: Int) -> Bool {
            (1900_01_01...9999_12_31).contains(value) && (1...12).contains(value / 100 % 100)
                && (1...31).contains(value % 100)
        }
        func isMonth(_ value: Int) -> Bool { (1900_01...2200_12).contains(value) && (1...12).contains(value % 100) }
        // 0 and 99999999 stand for no day.
        if isDay(low) && (isDay(high) || high == 9999_99_99) || (-1...1).contains(low) && isDay(high) {
            return .integerDay
        }
        return isMonth(low) && isMonth(high) ? .integerMonth : nil
    }

    /// Whether nothing but a date looks like its values, whatever the column is called.
    var isPlainlyDay: Bool {
        guard column.type.isText, let shape else { return column.type.isDate }
        return shape.contains { !"9A".contains($0) }
    }

    /// How texts write days, if all do so in the same way.
    private var textForm: DayKey.Form? {
        guard let shape, let low, let high else { return nil }
        if odd == 0 {
            let sorted = [
                "9999-99-99": "YYYY-MM-DD", "9999/99/99": "YYYY/MM/DD", "9999.99.99": "YYYY.MM.DD",
                "99999999": "YYYYMMDD", "9999-99": "YYYY-MM", "9999/99": "YYYY/MM", "999999": "YYYYMM",
            ]
            return sorted[shape].map { .text($0, isWhole: true) }
                ?? sorted[String(shape.prefix(10))].map { .text($0, isWhole: false) }
        }
        switch shape {
        case "9999A9" where low.hasSuffix("Q\(low.suffix(1))") && high.dropLast().hasSuffix("Q"):
            return .text("YYYY\"Q\"Q", isWhole: true)
        case "99.99.9999": return .parsed("DD.MM.YYYY")
        case "99-AAA-9999": return .parsed("DD-MON-YYYY")
        case "99-AAA-99": return .parsed("DD-MON-RR")
        case "99/99/9999", "99-99-9999":
            // The least and the greatest text have different first parts, if any do.
            guard let first = Int(low.prefix(2)), let last = Int(high.prefix(2)), (1...31).contains(first) else {
                return nil
            }
            let separator = String(shape.dropFirst(2).prefix(1))
            let order = last > 12 ? ["DD", "MM", "YYYY"] : secondPart > 12 ? ["MM", "DD", "YYYY"] : []
            return order.isEmpty ? nil : .parsed(order.joined(separator: separator))
        default: return nil
        }
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

    /// How a column tells days, if its name says so as well where its type or its values leave room for doubt.
    func dayForm(_ column: WarehouseSurvey.Column) -> DayKey.Form? {
        guard let form = column.type.isDate ? .date : self[column]?.dayForm else { return nil }
        if self[column]?.isPlainlyDay == true || column.type.isDate { return form }
        let isNamed =
            NameMeaning.day.score(column.name) > 0 || NameMeaning.snapshot.score(column.name) > 0
            || NameMeaning.validFrom.score(column.name) >= 1.5 || NameMeaning.validTo.score(column.name) >= 1.5
        return isNamed ? form : nil
    }
}
