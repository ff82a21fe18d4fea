/// Reads a relation as one row per client and product.
struct LongReading {
    typealias Column = WarehouseSurvey.Column

    private let evidence: RelationEvidence
    private let choice: ColumnChoice
    private let client: ColumnChoice.Scored
    private let product: ColumnChoice.Scored
    private let days: [DayKey]
    /// Nil where it is not known.
    private let pairs: PairEvidence?
    private let sampler: Sampler

    private var relation: WarehouseSurvey.Relation { evidence.relation }

    /// The readings of a relation, none when it lacks a column.
    static func readings(_ evidence: RelationEvidence, _ sampler: Sampler) throws -> [HoldingsReading] {
        let choice = ColumnChoice(evidence: evidence, survey: sampler.survey)
        let clients = choice.clients()
        guard let client = clients.first, let product = choice.products(besides: client.column).first else { return [] }
        let days = try DayKey.all(evidence, sampler)
        let pairs = try PairEvidence.read(
            evidence, client: client.column, product: product.column, days: days.map(\.column), sampler)
        let long = LongReading(
            evidence: evidence, choice: choice, client: client, product: product, days: days, pairs: pairs,
            sampler: sampler)
        var reading = try long.reading()
        // Such as an account and the customer that it belongs to.
        if clients.count > 1, clients[1].score > client.score - 1.6, clients[1].column != product.column {
            let other = LongReading(
                evidence: evidence, choice: choice, client: clients[1], product: product, days: days, pairs: pairs,
                sampler: sampler)
            reading.others.append(
                .init(why: "if \(clients[1].column.name) is who gets recommendations", reading: try other.reading()))
        }
        return [reading]
    }

    private func reading() throws -> HoldingsReading {
        let taken = [client.column, product.column] + days.map(\.column)
        let amounts = choice.amounts(besides: taken)
        var reading = HoldingsReading(
            evidence: evidence, client: client.column,
            layout: .long(product: product.column, amount: amounts.first?.column))
        reading.otherAmounts = amounts.dropFirst().filter { $0.score > 0 }.map(\.column)
        weigh(&reading, amounts.first)
        try date(&reading)
        // Holdings of several days can be evaluated.
        switch reading.dating {
        case .snapshot, .validity: reading.score += 0.5
        case .none, .sum, .latestOfPair: break
        }
        reading.clientMaster = try Master.find(of: client.column, .client, besides: relation, sampler)
        reading.clients = reading.clientMaster
        reading.productMaster = try Master.find(of: product.column, .product, besides: relation, sampler)
        noteVersions(&reading)
        try takeOwners(&reading)
        noteOtherDays(&reading)
        noteOtherKeys(&reading)
        if relation.isView { reading.notes.append("It is a view, so no key says what is unique: its rows had to.") }
        if let failure = evidence.failure { reading.notes.append("Look closely: \(failure).") }
        return reading
    }

    // MARK: How much speaks for it

    private func weigh(_ reading: inout HoldingsReading, _ amount: ColumnChoice.Scored?) {
        var score =
            client.score + product.score + min(amount?.score ?? -1, 3)
            + NameMeaning.holdings.score(relation.name.name)
        if client.score >= 2 || product.score >= 2 { reading.reasons.append("the names of its columns") }
        let isPair = relation.keys.contains { $0.contains(client.column.name) && $0.contains(product.column.name) }
        if isPair {
            score += 1
            reading.reasons.append("client and product are in its key")
        }
        if [client.column, product.column].contains(where: { $0.referencedOID != nil }) {
            reading.reasons.append("foreign keys to clients or products")
        }
        // A key by itself means one row for each client, or for each product.
        if relation.isUnique(client.column) || relation.isUnique(product.column) { score -= 6 }
        guard evidence.failure == nil else {
            reading.score = score - 1
            return
        }
        guard evidence.rows > 0 else {
            reading.score = score - 4
            reading.notes.append("It is empty: nothing but names and types speaks for this.")
            return
        }
        let (clients, products) = (evidence[client.column]?.distinct ?? 0, evidence[product.column]?.distinct ?? 0)
        let rows = evidence.isWhole ? Double(evidence.rows) : evidence.rowEstimate
        if Double(clients) < rows && Double(products) < rows && products > 1 {
            score += 2
            reading.reasons.append("several rows for a client and for a product")
        } else {
            score -= 2
        }
        // Whoever has one row, or one a day, has no list of products.
        let isOne = pairs.map { pairs in
            pairs.rows > 1
                && (pairs.rows == pairs.clients || pairs.days.values.contains { $0.clientDays == pairs.rows })
        }
        if isOne == true { score -= 5 }
        reading.score = score
    }

    // MARK: Days

    private func date(_ reading: inout HoldingsReading) throws {
        let open = OpenRows(evidence: evidence, days: days)
        let repeated = repeatedDay
        if let sides = trades(everythingDay: repeated) {
            reading.dating = .sum(sides)
            if case .long(let product, _) = reading.layout {
                reading.layout = .long(product: product, amount: sides.amount)
            }
            reading.notes += sides.notes
            // Holdings themselves are better.
            if NameMeaning.trades.score(relation.name.name) <= 0 { reading.score -= 2 }
            if case .unknown = sides.sign { reading.score -= 1 }
            return
        }
        if let repeated {
            try snapshots(of: repeated, open, &reading)
        } else if let (from, to) = open.validity {
            reading.dating = .validity(from: from, to: to)
            try addStatus(open, [from, to], end: to, &reading)
        } else if let to = open.end {
            reading.filters.append(open.untilEnd(to))
            try addStatus(open, [to], end: to, &reading)
        } else {
            if let day = namedDay { reading.dating = .snapshot(day) }
            try addStatus(open, [], end: nil, &reading)
        }
    }

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
        return candidates.max { rank($0) < rank($1) }
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
        reading.reasons.append("\(day.column.name) (\(day.meaning)) has the same clients and products again")
        if let coverage = coverage(day), coverage < 0.35 {
            // Few clients have rows on any one day, so no day has everything.
            let amount = choice.amounts(besides: [client.column, product.column]).first?.column
            let sum = HoldingsReading.Dating.sum(TradeSides(sign: .unknown, amount: amount, day: day))
            let isTrades =
                NameMeaning.trades.score(relation.name.name) > 0
                || NameMeaning.tradeDay.score(day.column.name) >= 3
            var other = reading
            (reading.dating, other.dating) = isTrades ? (sum, .latestOfPair(day)) : (.latestOfPair(day), sum)
            let share = "\(Int((100 * coverage).rounded()))%"
            reading.notes.append(
                "On a day only \(share) of the clients have rows, so no day has everything: taken as"
                    + (isTrades
                        ? " transactions that add up." : " changes, the latest of each client and product counts."))
            let whole = "if each \(day.column.name) has everything that is held"
            var snapshot = other
            snapshot.dating = .snapshot(day)
            let otherwise =
                isTrades ? "if each row replaces the one before it" : "if the rows are transactions that add up"
            reading.others += [.init(why: otherwise, reading: other), .init(why: whole, reading: snapshot)]
            reading.score -= 1
        }
        var taken = [day.column]
        if let to = open.end, to != day.column {
            reading.filters.append(open.untilEnd(to))
            taken.append(to)
        }
        try addStatus(open, taken, end: nil, &reading)
    }

    /// Adds the condition on a status; where an end says the same, a word about it is enough.
    private func addStatus(
        _ open: OpenRows, _ taken: [Column], end: Column?, _ reading: inout HoldingsReading
    ) throws {
        guard let status = open.status(besides: taken) else { return }
        if let end, try !open.disagree(status.closed, with: end, sampler) {
            reading.notes.append("\(status.column.name) is not used: \(end.name) says the same.")
            return
        }
        if let (why, filter) = status.other {
            var other = reading
            other.filters.append(filter)
            reading.others.append(.init(why: why, reading: other))
        }
        reading.filters.append(status.filter)
    }

    /// A day that says nothing of what is held would mislead if nobody spoke of it.
    private func noteOtherDays(_ reading: inout HoldingsReading) {
        let used: [Column] =
            switch reading.dating {
            case .none: []
            case .snapshot(let day), .latestOfPair(let day): [day.column]
            case .validity(let from, let to): [from, to]
            case .sum(let sides): sides.day.map { [$0.column] } ?? []
            }
        let filtered = reading.filters.map(\.condition).joined()
        let unused = days.map(\.column).filter { !used.contains($0) && !filtered.contains(SelectDraft.column($0)) }
        if !unused.isEmpty && !used.isEmpty {
            reading.notes.append("Not used: \(unused.map(\.name).joined(separator: ", ")).")
        } else if used.isEmpty && reading.filters.isEmpty && unused.isEmpty {
            reading.notes.append("No dates: the holdings are taken as they are.")
        } else if used.isEmpty && !unused.isEmpty {
            let names = unused.map(\.name).joined(separator: ", ")
            let isRepeated = pairs.map { $0.rows > $0.pairs } ?? true
            reading.notes.append(
                isRepeated
                    ? "Not used: \(names). Rows of the same client and product add up; if each day has everything that is"
                        + " held, name the day in as_of."
                    : "No client has a product twice, so no date is needed to tell rows apart: \(names) is not used.")
        }
    }

    /// What else tells the rows of a client and product apart must be known to be no day.
    private func noteOtherKeys(_ reading: inout HoldingsReading) {
        let known = [client.column, product.column] + days.map(\.column)
        let pairKeys = relation.keys.filter { $0.contains(client.column.name) && $0.contains(product.column.name) }
        guard let key = pairKeys.min(by: { $0.count < $1.count }) else { return }
        let others = key.filter { name in !known.contains { $0.name == name } }
        guard !others.isEmpty else { return }
        reading.notes.append(
            "\(others.joined(separator: ", ")) \(others.count == 1 ? "is" : "are") in the key, too: rows of the same client and"
                + " product add up over \(others.count == 1 ? "it" : "them"). If that is a day, write a query with :as_of."
        )
    }

    private func noteVersions(_ reading: inout HoldingsReading) {
        for (master, column) in [(reading.clientMaster, client.column), (reading.productMaster, product.column)] {
            guard let master, let durable = master.durable else { continue }
            reading.notes.append(
                "\(column.name) is the key of one version in \(master.relation.name), so its \(durable.name) is taken, which"
                    + " stays the same.")
        }
    }

    /// Takes the customers to whom accounts belong, where they have a relation of their own.
    private func takeOwners(_ reading: inout HoldingsReading) throws {
        guard let accounts = reading.clientMaster, accounts.durable == nil, let owner = accounts.owner,
            let customers = try Master.find(of: owner, .client, besides: accounts.relation, sampler),
            customers.relation.oid != relation.oid
        else { return }
        let byAccount = reading
        reading.clientMaster = Master(evidence: accounts.evidence, key: accounts.key, durable: owner, current: nil)
        reading.clients = customers
        reading.notes.append(
            "\(client.column.name) belongs to a \(owner.name) in \(accounts.relation.name), so what all of them hold together"
                + " counts.")
        reading.others.append(
            .init(why: "if each \(client.column.name) gets recommendations of its own", reading: byAccount))
    }

    // MARK: Trades

    /// - Parameter day: A day over which pairs are repeated.
    private func trades(everythingDay repeated: DayKey?) -> TradeSides? {
        let isNamed = NameMeaning.trades.score(relation.name.name) > 0
        // Where each day has everything, a side is something else.
        if let repeated, !isNamed, let coverage = coverage(repeated), coverage >= 0.5 { return nil }
        let taken = [client.column, product.column] + days.map(\.column)
        // Pieces add up to nothing when all are sold, money seldom does.
        let amount = (choice.numbers(.quantity, besides: taken).first ?? choice.amounts(besides: taken).first)?.column
        let dates = days.filter { NameMeaning.audit.score($0.column.name) <= 0 }
        let day = dates.max { NameMeaning.tradeDay.score($0.column.name) < NameMeaning.tradeDay.score($1.column.name) }
        let hasTradeDay = day.map { NameMeaning.tradeDay.score($0.column.name) >= 3 } == true
        let side = TradeSides.side(evidence)
        // Amounts that are signed already need no side.
        if let found = amount.flatMap({ evidence[$0] }), 50 * found.negatives > found.nonNull,
            5 * found.negatives < 4 * found.nonNull, side != nil || isNamed || hasTradeDay
        {
            return TradeSides(sign: .amounts, amount: amount, day: day)
        }
        if let (column, sides) = side { return TradeSides(sign: .side(column, sides), amount: amount, day: day) }
        return isNamed && hasTradeDay ? TradeSides(sign: .unknown, amount: amount, day: day) : nil
    }
}
