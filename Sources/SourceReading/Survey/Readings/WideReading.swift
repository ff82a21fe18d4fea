/// Reads a relation as one row per client, or per client and day, with a column for each product.
struct WideReading {
    typealias Column = WarehouseSurvey.Column

    private enum Rows {
        case onePerClient
        case onePerClientAndDay(DayKey)
        case validity(from: Column, to: Column)
        case several
    }

    /// The reading of a relation; nil when it lacks a client or columns of products.
    static func reading(_ evidence: RelationEvidence, _ sampler: Sampler) throws -> HoldingsReading? {
        let relation = evidence.relation
        let choice = ColumnChoice(evidence: evidence, survey: sampler.survey)
        let days = try DayKey.all(evidence, sampler)
        let candidates = choice.clients().prefix(3)
        var chosen: (client: ColumnChoice.Scored, rows: Rows)?
        for client in candidates {
            let rows = try rows(evidence, client.column, days, sampler)
            if case .several = rows { continue }
            chosen = (client, rows)
            break
        }
        guard let (client, rows) = chosen ?? candidates.first.map({ ($0, .several) }) else { return nil }
        guard let products = ProductColumns(evidence, besides: [client.column] + days.map(\.column)) else { return nil }
        var reading = HoldingsReading(
            evidence: evidence, client: client.column,
            layout: .wide(products: products.patterns, columns: products.columns, letters: products.letters))
        reading.score = client.score + NameMeaning.holdings.score(relation.name.name) + products.score
        reading.reasons = ["a column for each of \(products.columns.count) products"]
        switch rows {
        case .onePerClient:
            reading.score += 2
            reading.reasons.append("one row for each \(client.column.name)")
            let unused = days.map(\.column.name)
            reading.notes.append(
                unused.isEmpty
                    ? "No dates: the holdings are taken as they are."
                    : "No client has two rows, so no date is needed: not used are \(unused.joined(separator: ", ")).")
        case .onePerClientAndDay(let day):
            reading.score += 2
            reading.reasons.append("one row for each \(client.column.name) and \(day.column.name)")
            reading.dating = .snapshot(day)
        case .validity(let from, let to): reading.dating = .validity(from: from, to: to)
        case .several:
            // Products that are columns would be in several rows of a client.
            reading.score -= 3
            reading.notes.append("Clients have several rows, which add up: look for what tells them apart.")
        }
        if evidence.rows == 0 && evidence.failure == nil {
            reading.score -= 4
            reading.notes.append("It is empty: nothing but names and types speaks for this.")
        }
        reading.clientMaster = try Master.find(of: client.column, .client, besides: relation, sampler)
        reading.clients = reading.clientMaster
        offerRest(products, &reading)
        return reading
    }

    /// What tells the rows of a client apart.
    private static func rows(
        _ evidence: RelationEvidence, _ client: Column, _ days: [DayKey], _ sampler: Sampler
    ) throws -> Rows {
        let relation = evidence.relation
        if relation.isUnique(client) { return .onePerClient }
        let byKey = days.first { day in relation.keys.contains { Set($0) == [client.name, day.column.name] } }
        let open = OpenRows(evidence: evidence, days: days)
        if let (from, to) = open.validity, byKey == nil || byKey?.column == from || byKey?.column == to {
            return .validity(from: from, to: to)
        }
        if let byKey { return .onePerClientAndDay(byKey) }
        guard
            let pairs = try PairEvidence.read(evidence, client: client, product: nil, days: days.map(\.column), sampler)
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
