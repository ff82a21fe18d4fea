/// What makes rows purchases and sales that add up, rather than what is held.
struct TradeSides: Sendable, Hashable {
    /// How rows take away.
    enum Sign: Sendable, Hashable {
        /// By a column whose values say so.
        case side(WarehouseSurvey.Column, ValueWords.Sides)
        /// By amounts below 0.
        case amounts
        /// Nothing is seen that takes away.
        case unknown
    }

    let sign: Sign
    let amount: WarehouseSurvey.Column?
    /// The day of a trade.
    let day: DayKey?

    /// The column that says of each row whether it adds or takes away.
    static func side(_ evidence: RelationEvidence) -> (WarehouseSurvey.Column, ValueWords.Sides)? {
        let found = evidence.relation.columns.compactMap {
            column -> (Double, (WarehouseSurvey.Column, ValueWords.Sides))? in
            guard let values = evidence[column]?.values, (2...8).contains(values.count),
                !values.contains(where: { $0.contains("\\") })
            else { return nil }
            let name = NameMeaning.side.score(column.name)
            let sides: ValueWords.Sides?
            if column.type == .boolean {
                // Such as is_buy.
                guard NameMeaning.buying.score(column.name) > 0, values == ["false", "true"] else { return nil }
                sides = ValueWords.Sides(buys: ["true"], sells: ["false"], others: [], isTerse: false)
            } else {
                sides = ValueWords.sides(values)
            }
            guard let sides, name > 0 || !sides.isTerse && sides.others.isEmpty else { return nil }
            // Letters and digits may stand for anything, so the name must say it.
            if sides.isTerse && name < 1.5 { return nil }
            return (name, (column, sides))
        }
        return found.max { $0.0 < $1.0 }?.1
    }

    /// What a row counts, as SQL writes it: with its sign.
    var signedAmount: String {
        let amount = amount.map { SelectDraft.column($0) }
        guard case .side(let column, let sides) = sign else { return amount ?? "1" }
        func condition(_ values: [String]) -> String { SelectDraft.isOne(of: values, column) }
        return
            "case when \(condition(sides.buys)) then \(amount ?? "1") when \(condition(sides.sells)) then -\(amount ?? "1") end"
    }

    /// Why rows are read so.
    var notes: [String] {
        var notes: [String] = []
        switch sign {
        case .side(let column, let sides):
            func list(_ values: [String]) -> String { values.map { $0.trimmingSpaces }.joined(separator: ", ") }
            notes.append(
                "Purchases and sales, not what is held: \(column.name) adds for \(list(sides.buys)) and takes away for"
                    + " \(list(sides.sells)), and what is left above 0 is held.")
            if !sides.others.isEmpty {
                notes.append(
                    "\(column.name) is also \(list(sides.others)): look at what they mean; they count nothing here.")
            }
        case .amounts:
            notes.append("Purchases and sales, not what is held: amounts below 0 take away, and what is left is held.")
        case .unknown:
            notes.append(
                "A list of transactions, it seems, and nothing tells purchases from sales: look whether all of them add."
            )
        }
        return notes
    }
}
