/// Reads a relation as one row per client and product.
struct LongReading {
    typealias Column = WarehouseSurvey.Column

    let evidence: RelationEvidence
    let choice: ColumnChoice
    let client: ColumnChoice.Scored
    let product: ColumnChoice.Scored
    let days: [DayKey]
    /// Nil where it is not known.
    let pairs: PairEvidence?
    let sampler: Sampler

    var relation: WarehouseSurvey.Relation { evidence.relation }

    /// The readings of a relation, none when it lacks a column.
    static func readings(_ evidence: RelationEvidence, _ sampler: Sampler) throws -> [HoldingsReading] {
        let choice = ColumnChoice(evidence: evidence, survey: sampler.survey)
        let clients = choice.clients()
        guard let client = clients.first, let product = choice.products(besides: client.column).first else { return [] }
        guard keptProperties(evidence, product.column) == nil else { return [] }
        let days = try DayKey.all(evidence, sampler)
        let pairs = try PairEvidence.read(
            evidence, client: client.column, product: product.column, days: days, sampler)
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

    /// The column with values of whatever another column names, row by row: of such rows nobody knows which are products.
    static func keptProperties(_ evidence: RelationEvidence, _ name: Column) -> Column? {
        guard NameMeaning.property.score(name.name) >= 1.5, NameMeaning.product.score(name.name) <= 0 else {
            return nil
        }
        return evidence.relation.columns.first { column in
            column != name && column.isWord
                && FoldedWords.folded(column.name).contains {
                    $0.hasPrefix("val") || $0.hasPrefix("wert") || $0.hasPrefix("znach")
                }
        }
    }

    private func reading() throws -> HoldingsReading {
        let taken = [client.column, product.column] + days.flatMap(\.columns)
        let amounts = choice.amounts(besides: taken)
        var reading = HoldingsReading(
            evidence: evidence, client: client.column,
            layout: .long(product: product.column, amount: amounts.first?.column))
        reading.otherAmounts = amounts.dropFirst().filter { $0.score > 0 }.map(\.column)
        weigh(&reading, amounts.first)
        try date(&reading)
        if amounts.isEmpty { takeFlag(&reading, besides: taken) }
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
        noteCurrencies(&reading)
        if product.score < 0.3 {
            reading.notes.append(
                "Nothing but its values says that \(product.column.name) has the products: look whether it does.")
        }
        if relation.isView { reading.notes.append("It is a view, so no key says what is unique: its rows had to.") }
        if let failure = evidence.failure { reading.notes.append("Look closely: \(failure).") }
        return reading
    }

    /// A column that says of each client and product in letters whether it is held.
    private func takeFlag(_ reading: inout HoldingsReading, besides taken: [Column]) {
        let flags = relation.columns.filter { !taken.contains($0) && evidence[$0]?.yesValues != nil }
        let used = reading.filters.map(\.condition).joined()
        guard let flag = ColumnChoice.best(flags, .held)?.column, let yes = evidence[flag]?.yesValues,
            !used.contains(SelectDraft.column(flag))
        else { return }
        reading.filters.append(
            .init(condition: SelectDraft.isOne(of: yes, flag), why: "\(flag.name) says whether a product is held"))
    }

    // MARK: How much speaks for it

    private func weigh(_ reading: inout HoldingsReading, _ amount: ColumnChoice.Scored?) {
        var score =
            client.score + product.score + min(amount?.score ?? -1, 3)
            + NameMeaning.holdings.score(relation.name.name)
        if client.score >= 2 || product.score >= 2 { reading.reasons.append("its columns' names") }
        let isPair = relation.keys.contains { $0.contains(client.column.name) && $0.contains(product.column.name) }
        if isPair {
            score += 1
            reading.reasons.append("client and product in its key")
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

    /// A day that says nothing of what is held would mislead if nobody spoke of it.
    private func noteOtherDays(_ reading: inout HoldingsReading) {
        let used: [DayKey] =
            switch reading.dating {
            case .none: []
            case .snapshot(let day), .latestOfPair(let day): [day]
            case .validity(let from, let to, _): [from, to]
            case .sum(let sides): sides.day.map { [$0] } ?? []
            }
        let filtered = reading.filters.map(\.condition).joined()
        let unused = days.filter { !used.contains($0) && !filtered.contains(SelectDraft.column($0.column)) }
        let names = unused.map(\.column.name).joined(separator: ", ")
        let isRepeated = pairs.map { $0.rows > $0.pairs } ?? true
        if !used.isEmpty {
            if !unused.isEmpty { reading.notes.append("Not used: \(names).") }
            if case .snapshot(let day) = reading.dating, let pairs, let seen = pairs.days[day.column.name],
                seen.pairDays < pairs.rows
            {
                reading.notes.append(
                    "Some clients have a product in several rows of a day, which add up: right for lots, wrong if a later row"
                        + " replaces an earlier one.")
            }
        } else if unused.isEmpty && !isRepeated {
            if reading.filters.isEmpty { reading.notes.append("No dates: the holdings are taken as they are.") }
        } else if !isRepeated {
            reading.notes.append("No client has a product twice, so no date is needed: \(names) is not used.")
        } else {
            let rows = pairs.map { "\($0.rows) rows for \($0.pairs) pairs of client and product" }
            reading.notes.append(
                "Rows of the same client and product add up\(rows.map { ", \($0)" } ?? ""): right for lots and accounts, wrong"
                    + " if each day has everything that is held. In that case put the day in as_of."
                    + (unused.isEmpty ? "" : " Not used: \(names)."))
        }
    }

    /// What else tells the rows of a client and product apart must be known to be no day.
    private func noteOtherKeys(_ reading: inout HoldingsReading) {
        let known = [client.column, product.column] + days.flatMap(\.columns)
        let pairKeys = relation.keys.filter { $0.contains(client.column.name) && $0.contains(product.column.name) }
        guard let key = pairKeys.min(by: { $0.count < $1.count }) else { return }
        let others = key.filter { name in !known.contains { $0.name == name } }
        guard !others.isEmpty else { return }
        let list = others.joined(separator: ", ")
        reading.notes.append(
            others.count == 1
                ? "\(list) is in the key as well, and rows of the same client and product add up over it. If it tells a day"
                    + " or a load, write a query with :as_of."
                : "\(list) are in the key as well, and rows of the same client and product add up over them. If they tell a"
                    + " day or a load, write a query with :as_of.")
    }

    /// Amounts of different currencies cannot be compared.
    private func noteCurrencies(_ reading: inout HoldingsReading) {
        guard case .long(_, let amount?) = reading.layout, NameMeaning.quantity.score(amount.name) <= 0,
            let currency = ColumnChoice.best(relation.columns.filter(\.isWord), .currency)?.column,
            let count = evidence[currency]?.distinct, count >= 2
        else { return }
        reading.notes.append(
            "\(currency.name) has \(count) values, and \(amount.name) is not converted. That does not matter as long as"
                + " model.encoding is binary; for another, convert it in a query.")
    }

    private func noteVersions(_ reading: inout HoldingsReading) {
        for (master, column) in [(reading.clientMaster, client.column), (reading.productMaster, product.column)] {
            guard let master, let durable = master.durable else { continue }
            reading.notes.append(
                "\(column.name) is the key of one version in \(master.relation.name), so its \(durable.name) is taken, which"
                    + " stays the same.")
        }
    }

    /// Takes the customers of accounts that may belong to several, as a relation of both says.
    private func takeJointOwners(_ reading: inout HoldingsReading) throws -> Bool {
        guard let accounts = reading.clientMaster, accounts.durable == nil, accounts.owner == nil,
            let owners = try Master.owners(of: accounts, besides: relation, sampler), let owner = owners.durable,
            let customers = try Master.find(of: owner, .client, besides: owners.relation, sampler)
        else { return false }
        let byAccount = reading
        (reading.clientMaster, reading.clients) = (owners, customers)
        reading.notes.append(
            "\(client.column.name) belongs to each \(owner.name) in \(owners.relation.name): what several of them own"
                + " together counts for each.")
        reading.others.append(
            .init(why: "if each \(client.column.name) gets recommendations of its own", reading: byAccount))
        return true
    }

    /// Takes the customers to whom accounts belong, where they have a relation of their own.
    private func takeOwners(_ reading: inout HoldingsReading) throws {
        if try takeJointOwners(&reading) { return }
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
}
