/// One way to read a relation as holdings.
struct HoldingsReading {
    typealias Column = WarehouseSurvey.Column

    /// How the rows are dated.
    enum Dating {
        case none
        /// Each day has all that is held; the latest day counts.
        case snapshot(DayKey)
        /// Each row has its first and its last day.
        case validity(from: DayKey, to: DayKey, isInclusive: Bool?)
        /// Rows up to the day add up.
        case sum(TradeSides)
        /// Each row replaces the one before it of the same client and product.
        case latestOfPair(DayKey)
    }

    /// Another way to read the same rows, and when it is right.
    struct Other {
        let why: String
        let reading: HoldingsReading
    }

    /// How products lie in columns.
    enum Layout {
        case long(product: Column, amount: Column?)
        /// A pattern or the names of columns; those that say yes or no in letters with what says yes.
        case wide(products: [String], columns: [Column], letters: [String: [String]])
    }

    let evidence: RelationEvidence
    private(set) var client: Column
    var layout: Layout
    var dating: Dating = .none
    /// What leaves out rows that have ended.
    var filters: [OpenRows.Filter] = []
    /// Where the client's and the product's key stands for one version of them.
    var clientMaster: Master?
    var productMaster: Master?
    /// The relation of all clients.
    var clients: Master?
    /// How much speaks for it; it is not taken at 0 or less.
    var score = 0.0
    /// What speaks for it.
    var reasons: [String] = []
    /// What to know about it, a sentence each.
    var notes: [String] = []
    var others: [Other] = []
    /// Columns with amounts that are not taken.
    var otherAmounts: [Column] = []

    var relation: WarehouseSurvey.Relation { evidence.relation }

    /// The column with the products, of a relation with a row for each.
    var product: Column? {
        guard case .long(let product, _) = layout else { return nil }
        return product
    }

    /// The same for other clients.
    func taking(client: Column) -> HoldingsReading {
        var other = self
        (other.client, other.clientMaster, other.clients) = (client, nil, nil)
        return other
    }

    /// Whether names of columns say all of it.
    private var isPlain: Bool {
        guard filters.isEmpty, clientMaster?.durable == nil, productMaster?.durable == nil, client.type != .citext
        else {
            return false
        }
        switch layout {
        case .long(let product, _): if product.type == .citext { return false }
        case .wide(_, let columns, let letters):
            if columns.contains(where: { letters[$0.name] != nil }) { return false }
        }
        return switch dating {
        case .none: true
        case .validity(let from, let to, _): from.isPlain && to.isPlain
        case .snapshot(let day): day.isPlain
        case .sum(let sides): sides.isPlain
        case .latestOfPair: false
        }
    }

    /// The section of the configuration.
    func section() -> ProposedSection {
        var section = ProposedSection(name: "holdings")
        section.notes = notes + filters.map { "\($0.why)." }
        var names = ["client_id", "product_id", "amount"]
        if isPlain {
            section.source = .relation(relation.name)
            names[0] = client.name
            if case .long(let product, let amount) = layout { names[1...2] = [product.name, amount?.name ?? ""] }
        } else {
            section.source = .query(select().text)
        }
        if case .sum(let sides) = dating, sides.isKind { section.entries.append(.init("kind", .word("transactions"))) }
        section.entries.append(.init("client", .name(names[0])))
        switch layout {
        case .long(_, let amount):
            section.entries.append(.init("product", .name(names[1])))
            section.entries.append(amountEntry(amount, names[2]))
        case .wide(let products, _, _):
            section.entries.append(
                .init(
                    "products", .names(products),
                    why: "One column per product; the names of the columns become the product ids."))
        }
        section.entries += datingEntries
        section.others = others.map { ProposedSection.Other(why: $0.why, section: $0.reading.section()) }
        return section
    }

    private func amountEntry(_ amount: Column?, _ name: String) -> ProposedSection.Entry {
        guard amount != nil else {
            return .init(
                "amount", .name("..."), isSet: false, why: "No column looks like an amount: every row counts as 1.")
        }
        let rest = otherAmounts.prefix(4).map(\.name).joined(separator: ", ")
        return .init("amount", .name(name), why: rest.isEmpty ? nil : "Other amounts: \(rest).")
    }

    private var datingEntries: [ProposedSection.Entry] {
        if case .sum(let sides) = dating { return sides.isKind ? sides.entries(isQuery: !isPlain) : [] }
        guard isPlain else { return [] }
        switch dating {
        case .none, .sum, .latestOfPair: return []
        case .snapshot(let day):
            let why =
                day.isMoment
                ? "The rows of the latest load count, those of its last hour, up to the day of the run."
                : "The rows of the latest date count, up to that of the run."
            return [.init("as_of", .name(day.column.name), why: why)]
        case .validity(let from, let to, let isInclusive):
            var entries: [ProposedSection.Entry] = [
                .init("valid_from", .name(from.column.name)), .init("valid_to", .name(to.column.name)),
            ]
            if isInclusive != false {
                entries.append(
                    .init(
                        "valid_to_inclusive", .word("true"), isSet: isInclusive == true,
                        why: isInclusive == true
                            ? "The next version begins a day after \(to.column.name), so that is the last day of a version."
                            : "Take this in if \(to.column.name) is the last day on which a row is valid, not the first on"
                                + " which it no longer is."))
            }
            return entries
        }
    }

    // MARK: The statement

    private func select() -> SelectDraft {
        var draft = SelectDraft(relation)
        let client = join(clientMaster, self.client, as: "c", &draft)
        draft.outputs = [(client, "client_id")]
        var key = [client]
        switch layout {
        case .long(let product, let amount):
            let product = join(productMaster, product, as: "p", &draft)
            key.append(product)
            draft.outputs.append((product, "product_id"))
            if let amount { draft.outputs.append((SelectDraft.column(amount), "amount")) }
        case .wide(_, let columns, let letters):
            draft.outputs += columns.map { column in
                let name = SelectDraft.column(column)
                return (letters[column.name].map { "(\(SelectDraft.isOne(of: $0, column)))" } ?? name, column.sql)
            }
        }
        date(&draft, key: key)
        draft.conditions += filters.map(\.condition)
        return draft
    }

    /// Joins the relation whose key stands for one version.
    ///
    /// - Returns: What stands for the id.
    private func join(_ master: Master?, _ column: Column, as alias: String, _ draft: inout SelectDraft) -> String {
        guard let master, let durable = master.durable else { return SelectDraft.id(column) }
        draft.joins.append(
            "join \(master.relation.sql) \(alias) on \(alias).\(master.key.sql) = \(SelectDraft.column(column))")
        return SelectDraft.id(durable, of: alias)
    }

    private func date(_ draft: inout SelectDraft, key: [String]) {
        switch dating {
        case .none: break
        case .snapshot(let day): draft.conditions.append(day.latest(in: relation))
        case .validity(let from, let to, let isInclusive):
            draft.conditions += [from.hasBegun, to.lasts(isInclusive: isInclusive == true)]
        case .sum(let sides):
            if let day = sides.day { draft.conditions.append(day.untilThen) }
            guard case .side(let column, let words) = sides.sign else { break }
            draft.outputs.append((SelectDraft.column(column), column.sql))
            if !words.others.isEmpty {
                draft.conditions.append(SelectDraft.isOne(of: words.buys + words.sells, column))
            }
        case .latestOfPair(let day):
            draft.distinctOn = key
            draft.conditions.append(day.untilThen)
            draft.ending = ["order by \(key.joined(separator: ", ")), \(day.value(SelectDraft.alias)) desc"]
        }
    }
}
