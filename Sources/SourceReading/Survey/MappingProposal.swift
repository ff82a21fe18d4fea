import Holdings
public import Postgres

/// Where a warehouse seems to keep what a run reads: proposed from names, types, keys and a sample, for people to confirm.
public struct MappingProposal: Sendable {
    typealias Relation = WarehouseSurvey.Relation
    typealias Column = WarehouseSurvey.Column

    /// The best relation for the holdings, with why.
    package let holdings: ProposedSection
    /// What speaks for it, in words.
    package let reasons: [String]
    /// Other relations that might hold the holdings, best first.
    package let alternatives: [RelationName]
    /// The clients, the products and what must not be offered, as far as something looks like them.
    package let clients: ProposedSection?
    package let products: ProposedSection?
    package let exclusions: ProposedSection?
    /// Relations that look like the clients or the products but for the type of their ids, a sentence each.
    package let nearMasters: [String]
    /// The order of words for risk, if clients and products have the same ones.
    package let suitability: ProposedSection?
    /// Rows of the holdings, as the planner expects.
    public let rowEstimate: Double

    /// Relations that are sampled, the most promising ones.
    private static let candidateLimit = 12

    /// Proposes a mapping.
    ///
    /// Takes a minute at the most: large relations are sampled, and what takes long is given up.
    ///
    /// - Parameters:
    ///   - survey: The relations.
    ///   - chosen: The relation of the holdings, where somebody knows.
    ///   - session: To look at samples, in read-only transactions.
    /// - Throws: `SourceError` when nothing looks like holdings, or the chosen relation does not; `PostgresError`.
    public init(_ survey: WarehouseSurvey, holdings chosen: RelationName? = nil, session: Session) throws {
        let relations = survey.relations.filter { chosen == nil || $0.name == chosen }
        if let chosen, relations.isEmpty { throw NearMisses(survey).missing(chosen) }
        let sampler = Sampler(survey, session)
        var readings: [HoldingsReading] = []
        for relation in Self.promising(relations, survey, isChosen: chosen != nil) {
            let evidence = try sampler.evidence(relation)
            readings += try LongReading.readings(evidence, sampler)
            if let wide = try WideReading.reading(evidence, sampler) { readings.append(wide) }
        }
        if chosen != nil { for index in readings.indices { readings[index].score += 10 } }
        readings.sort { ($1.score, $0.relation.name.name) < ($0.score, $1.relation.name.name) }
        Self.preferLatest(&readings)
        guard let best = readings.first, best.score > 0 else {
            throw NearMisses(survey).nothing(chosen: chosen, relations, sampler)
        }
        var named: Set<RelationName> = [best.relation.name]
        alternatives = readings.dropFirst().filter { $0.score > 0 && named.insert($0.relation.name).inserted }
            .map(\.relation.name)
        var holdings = best.section()
        let next = readings.first { $0.relation != best.relation && !Self.isSibling($0.relation, best.relation) }
        if let next, next.score > best.score - 2 {
            holdings.others.append(.init(why: "if \(next.relation.name) has what is held", section: next.section()))
        }
        (self.holdings, reasons, rowEstimate) = (holdings, best.reasons, best.evidence.rowEstimate)
        let clients = Self.clients(best)
        let products = best.productMaster.map(ProductsReading.init)
        let levels = Self.riskLevels(clients?.reading, products)
        let risks = clients?.reading.risk != nil && products?.risk != nil
        let flags = clients?.reading.qualified != nil && products?.complex != nil
        self.clients = clients.map { $0.reading.section($0.note, productRisk: risks, productFlag: flags) }
        self.products = products.map { $0.section(clientRisk: risks, clientFlag: flags) }
        suitability = levels.map {
            ProposedSection(
                name: "suitability",
                notes: ["The order of the words for risk, lowest first; take it in with both risks."],
                entries: [.init("levels", .names($0), isSet: false)])
        }
        nearMasters =
            Self.near(best.client, .client, "clients", isFound: clients != nil, best, survey)
            + Self.near(best.product, .product, "products", isFound: products != nil, best, survey)
        exclusions = ExclusionsReading.section(for: best, in: survey)
    }

    /// Puts the last one first of relations that are alike but for a number, such as `positions_202610`.
    private static func preferLatest(_ readings: inout [HoldingsReading]) {
        guard let first = readings.first else { return }
        let alike = readings.indices.filter { isSibling(readings[$0].relation, first.relation) }
        let count = Set(alike.map { readings[$0].relation.name }).count
        guard count > 1, let last = alike.max(by: { readings[$0].relation.name.name < readings[$1].relation.name.name })
        else { return }
        readings.insert(readings.remove(at: last), at: 0)
        readings[0].notes.append(
            "\(count) relations are alike but for the number in their names, and the last one is taken. A view over all of"
                + " them, with the day in a column, would stay right.")
    }

    /// Whether two relations have the same columns, and names that differ in numbers alone.
    private static func isSibling(_ one: Relation, _ other: Relation) -> Bool {
        func stem(_ relation: Relation) -> String { relation.name.name.filter { !$0.isNumber } }
        return one.name.schema == other.name.schema && stem(one) == stem(other)
            && one.columns.map(\.name) == other.columns.map(\.name)
    }

    /// The relations that may be holdings, the likeliest first: by their names and types alone.
    private static func promising(
        _ relations: [Relation], _ survey: WarehouseSurvey, isChosen: Bool
    ) -> [Relation] {
        let scored = relations.compactMap { relation -> (Relation, Double)? in
            let ids = relation.columns.filter(\.isID)
            guard !ids.isEmpty, relation.columns.count >= 2 else { return nil }
            // What is recommended, forbidden or watched looks like holdings, and must never be taken for them unasked.
            let isOther = NameMeaning.holdings.score(relation.name.name) <= -3.5
            if isOther && !isChosen && NameMeaning.trades.score(relation.name.name) <= 0 { return nil }
            func best(_ meaning: NameMeaning) -> Double {
                ids.map { column in
                    let target = survey.referenced(by: column).map { meaning.score($0.name.name) } ?? 0
                    return max(meaning.score(column.name), target)
                }.max() ?? 0
            }
            let flags = relation.columns.count(where: \.isAmount)
            let product = max(best(.product), flags >= 5 ? 2 : 0)
            // Several columns together are a key: what it is about comes several times.
            let isJoint = relation.keys.contains { $0.count > 1 } ? 1.0 : 0
            return (relation, best(.client) + product + NameMeaning.holdings.score(relation.name.name) + isJoint)
        }
        return scored.sorted { ($1.1, $1.0.name.name) < ($0.1, $0.0.name.name) }.prefix(candidateLimit).map(\.0)
    }

    /// What to say of a relation that has the same column, of another type.
    private static func near(
        _ column: Column?, _ meaning: NameMeaning, _ what: String, isFound: Bool, _ best: HoldingsReading,
        _ survey: WarehouseSurvey
    ) -> [String] {
        guard let column, !isFound else { return [] }
        let relation = survey.relations.first { relation in
            let own = relation[column.name]
            return relation != best.relation && meaning.score(relation.name.name) > 0
                && own.map { relation.isUnique($0) && $0.type.identifierType != nil && !$0.isReadAs(column) } == true
        }
        guard let relation, let own = relation[column.name]?.type.identifierType, let held = column.type.identifierType
        else { return [] }
        return [
            "\(relation.name) looks like the \(what), but its \(column.name) is a \(own.rawValue) and that of the holdings"
                + " a \(held.rawValue): a query with a cast can bring them together."
        ]
    }

    /// The clients: a relation of their own, or what stands beside the products of a wide one.
    private static func clients(_ best: HoldingsReading) -> (reading: ClientsReading, note: String)? {
        if let master = best.clients {
            let reading = ClientsReading(
                master.evidence, id: master.id, current: master.current,
                besides: master.durable == nil ? [] : [master.key])
            return (reading, "All clients, so that those without holdings get recommendations as well.")
        }
        guard case .wide(_, let columns, _) = best.layout else { return nil }
        let current: String? =
            switch best.dating {
            case .snapshot(let day): day.latest(in: best.relation)
            case .validity(let from, let to, let isInclusive):
                "\(from.hasBegun) and \(to.lasts(isInclusive: isInclusive == true))"
            case .none, .sum, .latestOfPair: nil
            }
        var taken = columns
        if case .snapshot(let day) = best.dating { taken += day.columns }
        let reading = ClientsReading(best.evidence, id: best.client, current: current, besides: taken)
        return reading.hasAny ? (reading, "The columns beside the products describe the clients.") : nil
    }

    private static func riskLevels(_ clients: ClientsReading?, _ products: ProductsReading?) -> [String]? {
        guard let clients, let products, let client = clients.risk, let product = products.risk, !client.type.isNumber,
            let ours = clients.evidence[client]?.values, let theirs = products.master.evidence[product]?.values
        else { return nil }
        return ValueWords.riskLevels(Set(ours + theirs).sorted())
    }
}
