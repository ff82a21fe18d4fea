/// How the rows of a relation with a row per client and product are dated, and which of them count.
extension LongReading {
    /// Finds out what dates the rows, and what leaves some of them out.
    func date(_ reading: inout HoldingsReading) throws {
        let open = OpenRows(evidence: evidence, days: days)
        let repeated = repeatedDay
        if let sides = try trades(everythingDay: repeated) {
            take(sides, open, &reading)
            return
        }
        if let repeated {
            try snapshots(of: repeated, open, &reading)
        } else if let (from, to) = open.validity {
            let versions = try open.endsAreInclusive(from, to, of: client.column, product.column, sampler)
            let isInclusive = versions.flatMap { $0.areInclusive ? true : $0.areExclusive ? false : nil }
            reading.dating = .validity(from: from, to: to, isInclusive: isInclusive)
            try leaveOut(open, besides: [from, to], end: to, &reading)
        } else {
            if open.ends.isEmpty, let day = namedDay { reading.dating = .snapshot(day) }
            try leaveOut(open, besides: [], end: open.ends.first, &reading)
        }
    }

    /// Adds the conditions on days that end something and on what says that it has ended; where one says what another does,
    /// a word about it is enough.
    ///
    /// - Parameters:
    ///   - taken: Days that are used otherwise.
    ///   - end: The day that the others are compared with.
    private func leaveOut(
        _ open: OpenRows, besides taken: [DayKey], end: DayKey?, _ reading: inout HoldingsReading
    ) throws {
        for day in open.ends where !taken.contains(day) { reading.filters.append(open.untilEnd(day)) }
        let columns = taken.flatMap(\.columns) + open.ends.map(\.column) + [client.column, product.column]
        let statuses = open.statuses(besides: columns)
        for status in statuses {
            if let end, try !open.disagree(status.closed, with: end, sampler) {
                reading.notes.append("\(status.column.name) is not used: \(end.column.name) says the same.")
                continue
            }
            add(status, &reading)
        }
        noteUnknown(open, besides: columns + statuses.map(\.column), &reading)
    }

    private func add(_ status: OpenRows.Status, _ reading: inout HoldingsReading) {
        if let (why, filter) = status.other {
            var other = reading
            other.filters.append(filter)
            other.others = []
            reading.others.append(.init(why: why, reading: other))
        }
        reading.filters.append(status.filter)
    }

    private func noteUnknown(_ open: OpenRows, besides taken: [Column], _ reading: inout HoldingsReading) {
        for column in open.unknownStatuses(besides: taken) where NameMeaning.side.score(column.name) < 2 {
            let values = (evidence[column]?.values ?? []).map(\.trimmingSpaces).joined(separator: ", ")
            reading.notes.append(
                "\(column.name) has the values \(values), which init does not know, and every row counts: check whether some"
                    + " are not held.")
        }
    }

    // MARK: Snapshots

    /// The day over which pairs of client and product are repeated: part of the key, or what tells the rows of a pair apart.
    private var repeatedDay: DayKey? {
        let candidates = days.filter { day in
            // When a position began or ended is no day of which everything is known.
            guard NameMeaning.validFrom.score(day.column.name) < 1.5, NameMeaning.validTo.score(day.column.name) < 1.5
            else { return false }
            let isKey = relation.keys.contains { key in
                key.contains(day.column.name) && key.contains(client.column.name) && key.contains(product.column.name)
            }
            guard let pairs, let seen = pairs.days[day.column.name], pairs.rows > pairs.pairs else { return isKey }
            // A pair has as many rows as days, or nearly; or most clients have rows on most days.
            let tells =
                seen.days > 1
                && (2 * (seen.pairDays - pairs.pairs) >= pairs.rows - pairs.pairs
                    || pairs.coverage(seen) >= 0.5 && 5 * seen.pairDays >= 6 * pairs.pairs)
            return isKey || tells && NameMeaning.audit.score(day.column.name) <= 0
        }
        return candidates.max { rank($0) < rank($1) } ?? loadDay
    }

    /// The time of a load where nothing else tells days: each has everything, as most clients have rows in most of them.
    private var loadDay: DayKey? {
        guard let pairs, pairs.rows > pairs.pairs else { return nil }
        return days.first { day in
            guard NameMeaning.audit.score(day.column.name) > 0, let seen = pairs.days[day.column.name] else {
                return false
            }
            return seen.days > 1 && pairs.coverage(seen) >= 0.8 && 5 * seen.pairDays >= 6 * pairs.pairs
        }
    }

    private func rank(_ day: DayKey) -> Double {
        NameMeaning.snapshot.score(day.column.name) + (relation.isInKey(day.column) ? 3 : 0)
    }

    /// A day that the name alone makes that of a snapshot, where no pair is repeated: all rows are of the same day.
    private var namedDay: DayKey? {
        let named = days.filter { day in
            NameMeaning.snapshot.score(day.column.name) >= 1.5 && NameMeaning.audit.score(day.column.name) <= 0
                && (evidence[day.column]?.distinct ?? 0) <= 1
        }
        return named.max { rank($0) < rank($1) }
    }

    /// The share of days on which a client has rows; nil where it is not known.
    private func coverage(_ day: DayKey) -> Double? {
        pairs.flatMap { pairs in pairs.days[day.column.name].map(pairs.coverage) }
    }

    /// Each day has everything, or each row replaces or adds to those before it: how many clients have rows on a day decides.
    private func snapshots(of day: DayKey, _ open: OpenRows, _ reading: inout HoldingsReading) throws {
        reading.dating = .snapshot(day)
        reading.reasons.append("the same clients and products on each \(day.column.name) (\(day.meaning))")
        try leaveOut(open, besides: [day], end: nil, &reading)
        guard let coverage = coverage(day), coverage < 0.35 else { return }
        // Few clients have rows on any one day, so no day has everything.
        let amount = choice.amounts(besides: [client.column, product.column]).first?.column
        let sum = HoldingsReading.Dating.sum(TradeSides(sign: .unknown, amount: amount, day: day))
        let isTrades =
            NameMeaning.trades.score(relation.name.name) > 0 || NameMeaning.tradeDay.score(day.column.name) >= 3
        var other = reading
        other.others = []
        (reading.dating, other.dating) = isTrades ? (sum, .latestOfPair(day)) : (.latestOfPair(day), sum)
        let share = "\(Int((100 * coverage).rounded()))%"
        reading.notes.append(
            "Only \(share) of the clients have rows on the same day, so no day has everything. The rows are taken as "
                + (isTrades
                    ? "transactions that add up." : "changes: the latest row of each client and product counts."))
        let whole = "if each \(day.column.name) has everything that is held"
        var snapshot = other
        snapshot.dating = .snapshot(day)
        let otherwise = isTrades ? "if each row replaces the one before it" : "if the rows are transactions that add up"
        reading.others += [.init(why: otherwise, reading: other), .init(why: whole, reading: snapshot)]
        reading.score -= 1
    }

    // MARK: Transactions

    private func take(_ sides: TradeSides, _ open: OpenRows, _ reading: inout HoldingsReading) {
        reading.dating = .sum(sides)
        if case .long(let product, _) = reading.layout {
            reading.layout = .long(product: product, amount: sides.amount)
            reading.otherAmounts = []
        }
        reading.notes += sides.notes
        // Holdings themselves are better.
        if NameMeaning.trades.score(relation.name.name) <= 0 { reading.score -= 2 }
        var taken = [client.column, product.column] + days.flatMap(\.columns)
        switch sides.sign {
        case .unknown: reading.score -= 1
        case .side(let column, _):
            taken.append(column)
            if let side = evidence[column], side.nonNull < side.rows {
                reading.notes.append(
                    "Some rows have no \(column.name). They refuse a run until a query says what they are.")
            }
        case .amounts: break
        }
        let statuses = open.statuses(besides: taken, isTrade: true)
        for status in statuses { add(status, &reading) }
        // A transaction that was deleted never was.
        for day in open.ends where NameMeaning.removal.score(day.column.name) > 0 {
            reading.filters.append(open.untilEnd(day))
        }
        noteUnknown(open, besides: taken + statuses.map(\.column), &reading)
    }

    /// What makes the rows transactions; nil where they are none.
    ///
    /// - Parameter repeated: A day over which pairs are repeated.
    private func trades(everythingDay repeated: DayKey?) throws -> TradeSides? {
        let isNamed = NameMeaning.trades.score(relation.name.name) > 0
        // Where each day has everything, a side is something else.
        if let repeated, !isNamed, let coverage = coverage(repeated), coverage >= 0.5 { return nil }
        let taken = [client.column, product.column] + days.flatMap(\.columns)
        // Pieces add up to nothing when all are sold, money seldom does.
        let amount = (choice.numbers(.quantity, besides: taken).first ?? choice.amounts(besides: taken).first)?.column
        let dates = days.filter { NameMeaning.audit.score($0.column.name) <= 0 }
        let day = dates.max { NameMeaning.tradeDay.score($0.column.name) < NameMeaning.tradeDay.score($1.column.name) }
        let hasTradeDay = day.map { NameMeaning.tradeDay.score($0.column.name) >= 3 } == true
        let side = TradeSides.side(evidence, areTrades: isNamed && hasTradeDay)
        if let side {
            // Amounts that are signed already need no side.
            if let amount, (evidence[amount]?.negatives ?? 0) > 0,
                try TradeSides.areSigned(amount, by: side, evidence, sampler)
            {
                return TradeSides(sign: .amounts, amount: amount, day: day)
            }
            return TradeSides(sign: .side(side.0, side.1), amount: amount, day: day)
        }
        if let found = amount.flatMap({ evidence[$0] }), 50 * found.negatives > found.nonNull,
            5 * found.negatives < 4 * found.nonNull, isNamed || hasTradeDay
        {
            return TradeSides(sign: .amounts, amount: amount, day: day)
        }
        return isNamed && hasTradeDay ? TradeSides(sign: .unknown, amount: amount, day: day) : nil
    }
}
