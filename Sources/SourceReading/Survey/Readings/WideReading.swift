/// Reads a relation as one row per client, or per client and day, with a column for each product.
struct WideReading {
    typealias Column = WarehouseSurvey.Column

    private enum Rows {
        case onePerClient
        case onePerClientAndDay(DayKey)
        case validity(from: DayKey, to: DayKey)
        /// One for each account, of which a client may have several.
        case accounts(Column)
        case several
    }

    /// The reading of a relation; nil when it lacks a client or columns of products.
    static func reading(_ evidence: RelationEvidence, _ sampler: Sampler) throws -> HoldingsReading? {
        let relation = evidence.relation
        let choice = ColumnChoice(evidence: evidence, survey: sampler.survey)
        let days = try DayKey.all(evidence, sampler)
        guard let (client, rows) = try client(choice, days, sampler) else { return nil }
        guard let products = ProductColumns(evidence, besides: [client.column] + days.flatMap(\.columns)) else {
            return nil
        }
        var reading = HoldingsReading(
            evidence: evidence, client: client.column,
            layout: .wide(products: products.patterns, columns: products.columns, letters: products.letters))
        reading.score = client.score + NameMeaning.holdings.score(relation.name.name) + products.score
        reading.reasons = ["a column for each of \(products.columns.count) products"]
        try date(rows, days, &reading, sampler)
        if evidence.rows == 0 && evidence.failure == nil {
            reading.score -= 4
            reading.notes.append("It is empty: nothing but names and types speaks for this.")
        }
        leaveOutGone(rows, days, &reading)
        if let note = products.note { reading.notes.append(note) }
        reading.clientMaster = try Master.find(of: client.column, .client, besides: relation, sampler)
        reading.clients = reading.clientMaster
        if case .accounts(let column) = rows {
            var other = reading.taking(client: column)
            other.notes = []
            reading.others.append(.init(why: "if each \(column.name) gets recommendations of its own", reading: other))
        }
        offerRest(products, &reading)
        return reading
    }

    /// The clients, and what tells their rows apart; nil without any.
    private static func client(
        _ choice: ColumnChoice, _ days: [DayKey], _ sampler: Sampler
    ) throws -> (ColumnChoice.Scored, Rows)? {
        let candidates = choice.clients().prefix(3)
        for client in candidates {
            let rows = try rows(choice.evidence, client.column, days, sampler)
            if case .several = rows { continue }
            // Such as an account and the client to whom it belongs.
            if case .onePerClient = rows, let owner = candidates.first, owner.score > client.score + 0.4,
                NameMeaning.client.score(owner.column.name) >= 2
            {
                return (owner, .accounts(client.column))
            }
            return (client, rows)
        }
        return candidates.first.map { ($0, .several) }
    }

    /// Dates the rows by what tells those of a client apart.
    private static func date(
        _ rows: Rows, _ days: [DayKey], _ reading: inout HoldingsReading, _ sampler: Sampler
    ) throws {
        let open = OpenRows(evidence: reading.evidence, days: days)
        switch rows {
        case .onePerClient:
            reading.score += 2
            reading.reasons.append("one row for each \(reading.client.name)")
            let unused = days.filter { !open.ends.contains($0) }.map(\.column.name)
            reading.notes.append(
                unused.isEmpty
                    ? "No dates: the holdings are taken as they are."
                    : "No client has two rows, so no date is needed. Not used: \(unused.joined(separator: ", ")).")
        case .onePerClientAndDay(let day):
            reading.score += 2
            reading.reasons.append("one row for each \(reading.client.name) and \(day.column.name)")
            reading.dating = .snapshot(day)
        case .validity(let from, let to):
            let versions = try open.endsAreInclusive(from, to, of: reading.client, nil, sampler)
            let isInclusive = versions.flatMap { $0.areInclusive ? true : $0.areExclusive ? false : nil }
            reading.dating = .validity(from: from, to: to, isInclusive: isInclusive)
        case .accounts(let account):
            reading.score += 2
            reading.reasons.append("one row for each \(account.name)")
            reading.notes.append(
                "\(account.name) belongs to a \(reading.client.name), so what all of them hold together counts.")
        case .several:
            // Products that are columns would be in several rows of a client.
            reading.score -= 3
            reading.notes.append(
                "Clients have several rows, which add up: right for accounts, wrong if something tells a day.")
        }
    }

    /// What tells the rows of a client apart.
    private static func rows(
        _ evidence: RelationEvidence, _ client: Column, _ days: [DayKey], _ sampler: Sampler
    ) throws -> Rows {
        let relation = evidence.relation
        if relation.isUnique(client) { return .onePerClient }
        let byKey = days.first { day in
            relation.keys.contains { Set($0) == Set([client.name] + day.columns.map(\.name)) }
        }
        let open = OpenRows(evidence: evidence, days: days)
        if let (from, to) = open.validity, byKey == nil || byKey == from || byKey == to {
            return .validity(from: from, to: to)
        }
        if let byKey { return .onePerClientAndDay(byKey) }
        guard
            let pairs = try PairEvidence.read(evidence, client: client, product: nil, days: days, sampler)
        else { return evidence.isUnique(client) ? .onePerClient : .several }
        if pairs.rows == pairs.clients { return .onePerClient }
        let telling = days.filter { day in
            NameMeaning.audit.score(day.column.name) <= 0
                && (pairs.days[day.column.name].map { $0.clientDays == pairs.rows } ?? false)
        }
        // Of several, the one with the fewest days is when all rows were written.
        let best = telling.min { (pairs.days[$0.column.name]?.days ?? 0) < (pairs.days[$1.column.name]?.days ?? 0) }
        return best.map(Rows.onePerClientAndDay) ?? .several
    }

    /// Leaves out clients who are gone, which a day or a flag such as `is_deleted` says.
    private static func leaveOutGone(_ rows: Rows, _ days: [DayKey], _ reading: inout HoldingsReading) {
        let open = OpenRows(evidence: reading.evidence, days: days)
        var taken = [reading.client]
        if case .wide(_, let columns, _) = reading.layout { taken += columns }
        if case .validity(let from, let to) = rows { taken += [from.column, to.column] }
        if case .onePerClientAndDay(let day) = rows { taken += day.columns }
        for day in open.ends where !taken.contains(day.column) {
            let name = day.column.name
            reading.filters.append(
                .init(
                    condition: day.lasts(isInclusive: false),
                    why: "Products are held until \(name); NULL means that they still are"))
        }
        for status in open.deletions(besides: taken) {
            reading.filters.append(
                .init(condition: status.filter.condition, why: "\(status.column.name) says which rows are gone"))
        }
    }

    /// Shows flags that are not called like the products.
    private static func offerRest(_ products: ProductColumns, _ reading: inout HoldingsReading) {
        guard !products.leftOut.isEmpty else { return }
        let names = products.leftOut.map(\.name)
        var other = reading
        other.notes = []
        other.layout = .wide(
            products: products.patterns + names, columns: products.columns + products.leftOut, letters: products.letters
        )
        let list = names.prefix(6).joined(separator: ", ") + (names.count > 6 ? ", …" : "")
        reading.others.append(.init(why: "if \(list) are products as well", reading: other))
    }
}
