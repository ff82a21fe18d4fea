import Postgres

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

    /// Whether `holdings.kind` can say it: amounts that have a sign, or a side.
    var isKind: Bool {
        if case .side = sign { return true }
        return amount != nil
    }

    /// Whether columns alone say it.
    var isPlain: Bool { isKind && day?.isPlain == true && otherSides.isEmpty }

    /// Values of the side that say neither.
    var otherSides: [String] {
        guard case .side(_, let sides) = sign else { return [] }
        return sides.others
    }

    /// The column that says of each row whether it adds or takes away.
    ///
    /// - Parameter areTrades: Whether rows are transactions by all that is known, so that one letter is enough.
    static func side(_ evidence: RelationEvidence, areTrades: Bool) -> (WarehouseSurvey.Column, ValueWords.Sides)? {
        let found = evidence.relation.columns.compactMap {
            column -> (Double, (WarehouseSurvey.Column, ValueWords.Sides))? in
            guard let values = evidence[column]?.values, (2...8).contains(values.count),
                !values.contains(where: { $0.contains { $0 == "\\" || $0.isNewline } })
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
            guard let sides, name > 0 || sides.others.isEmpty && (areTrades || !sides.isTerse) else { return nil }
            // Letters and digits may stand for anything, so a name must say it.
            let isSomethingElse = [NameMeaning.status, .attribute, .current].contains { $0.score(column.name) > 0 }
            if sides.isTerse && name < 1.5 && (!areTrades || isSomethingElse) { return nil }
            return (name, (column, sides))
        }
        return found.max { $0.0 < $1.0 }?.1
    }

    /// Whether amounts have the sign already: most of those that take away are below 0.
    static func areSigned(
        _ amount: WarehouseSurvey.Column, by side: (WarehouseSurvey.Column, ValueWords.Sides),
        _ evidence: RelationEvidence, _ sampler: Sampler
    ) throws -> Bool {
        let (alias, name) = (SelectDraft.alias, SelectDraft.column(amount))
        let from = sampler.fromClause(evidence.relation, rowEstimate: evidence.rowEstimate)
        let sells = SelectDraft.isOne(of: side.1.sells, side.0)
        return try sampler.read { session in
            try session.execute(
                """
                select 2 * count(*) filter (where \(name)::numeric < 0) > count(*)
                from (select * from \(from) limit \(Sampler.wholeLimit)) as \(alias) where \(sells)
                """
            ).rows[0].get(at: 0, as: Bool.self)
        } ?? false
    }

    /// The entries of the configuration that say so, besides the columns of clients, products and amounts.
    ///
    /// - Parameter isQuery: Whether a query has the rows, and their day.
    func entries(isQuery: Bool) -> [ProposedSection.Entry] {
        var entries: [ProposedSection.Entry] = []
        if let day, !isQuery {
            entries.append(
                .init("trade_date", .name(day.column.name), why: "Transactions count up to the day of the run."))
        }
        if case .side(let column, let sides) = sign {
            entries.append(.init("side", .name(column.name)))
            entries.append(
                .init(
                    "sides",
                    .lists(["buy": sides.buys.map(\.trimmingSpaces), "sell": sides.sells.map(\.trimmingSpaces)])))
        }
        return entries
    }

    /// Why rows are read so.
    var notes: [String] {
        var notes: [String] = []
        switch sign {
        case .side(let column, let sides):
            func list(_ values: [String]) -> String { values.map { $0.trimmingSpaces }.joined(separator: ", ") }
            notes.append(
                "Purchases and sales, not what is held: \(column.name) adds for \(list(sides.buys)) and takes away for"
                    + " \(list(sides.sells)); what is left above 0 is held.")
            if !sides.others.isEmpty {
                notes.append(
                    "Rows whose \(column.name) is \(list(sides.others)) are left out: check that they neither add nor take away."
                )
            }
        case .amounts:
            notes.append(
                "Purchases and sales, not what is held: amounts below 0 take away; what is left above 0 is held. Check that"
                    + " all sales are below 0.")
        case .unknown:
            notes.append(
                "These seem to be transactions, and nothing tells purchases from sales: find out whether all of them add."
            )
        }
        return notes
    }
}
