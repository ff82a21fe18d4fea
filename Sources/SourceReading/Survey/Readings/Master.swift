/// The relation that has a row for each client, or for each product, that a column of holdings names.
struct Master {
    typealias Relation = WarehouseSurvey.Relation
    typealias Column = WarehouseSurvey.Column

    let evidence: RelationEvidence
    /// The column with the ids that are in the holdings.
    let key: Column
    /// The business's own id, where the relation keeps several versions of a client under keys of their own.
    let durable: Column?
    /// The condition for the version that counts, where there may be several rows for an id.
    let current: String?

    var relation: Relation { evidence.relation }
    /// The id by which a client or product is one over all its versions.
    var id: Column { durable ?? key }

    /// The customer to whom each row belongs, where it is about accounts.
    var owner: Column? {
        guard NameMeaning.client.score(key.name) < 2 else { return nil }
        return relation.columns.first { column in
            column != key && column.isID && NameMeaning.client.score(column.name) >= 2 && !evidence.isUnique(column)
                && (evidence[column]?.hasFewValues == false || evidence.rows == 0)
        }
    }

    /// The relation that says which customers own accounts, if accounts may have several.
    static func owners(of accounts: Master, besides holdings: Relation, _ sampler: Sampler) throws -> Master? {
        guard NameMeaning.client.score(accounts.key.name) < 2 else { return nil }
        for relation in sampler.survey.relations
        where relation.oid != holdings.oid && relation.oid != accounts.relation.oid {
            let account = relation.columns.first { column in
                column.isReadAs(accounts.key)
                    && (column.referencedOID == accounts.relation.oid || column.name == accounts.key.name)
            }
            let clients = relation.columns.filter { $0 != account && $0.isID && NameMeaning.client.score($0.name) >= 2 }
            guard let account, clients.count == 1,
                relation.keys.contains(where: { Set($0) == [account.name, clients[0].name] })
            else { continue }
            return Master(evidence: try sampler.evidence(relation), key: account, durable: clients[0], current: nil)
        }
        return nil
    }

    /// Finds it: what a foreign key refers to, or what is named so and has the ids once.
    ///
    /// - Parameters:
    ///   - column: The column of the holdings.
    ///   - meaning: Of clients, or of products.
    ///   - holdings: The relation of the holdings, which is not its own master.
    static func find(
        of column: Column, _ meaning: NameMeaning, besides holdings: Relation, _ sampler: Sampler
    ) throws -> Master? {
        let candidates = sampler.survey.relations.compactMap { relation -> (relation: Relation, score: Double)? in
            guard relation.oid != holdings.oid else { return nil }
            let isReferenced = column.referencedOID == relation.oid
            let name = meaning.score(relation.name.name)
            let ids = relation.columns.filter { $0.isReadAs(column) }
            guard isReferenced || name > 0, !ids.isEmpty else { return nil }
            // Lists of trades, exclusions and the like name clients, too.
            let others = min(0, NameMeaning.holdings.score(relation.name.name))
            let hasName = ids.contains { $0.name == column.name }
            return (relation, name + others + (isReferenced ? 10 : 0) + (hasName ? 2 : 0))
        }.sorted { $0.score > $1.score }
        for (relation, _) in candidates.prefix(4) {
            if let master = try read(relation, column, meaning, sampler) { return master }
        }
        return nil
    }

    private static func read(
        _ relation: Relation, _ column: Column, _ meaning: NameMeaning, _ sampler: Sampler
    ) throws -> Master? {
        let evidence = try sampler.evidence(relation)
        let ids = relation.columns.filter { $0.isReadAs(column) }
        let unique = ids.filter(evidence.isUnique)
        let sameName = ids.first { $0.name == column.name }
        let named = ColumnChoice.best(relation.columns.filter { $0.isID && !evidence.isUnique($0) }, meaning)?.column
        let current = try currentVersion(evidence, of: named, sampler)
        guard
            let key = sameName.flatMap({ unique.contains($0) ? $0 : nil })
                ?? (sameName == nil ? best(unique, meaning, relation, sampler.survey) : nil)
        else {
            // Several rows for an id, of which one counts.
            guard let sameName, let current, sameName != column || !relation.isUnique(sameName) else { return nil }
            return Master(evidence: evidence, key: sameName, durable: nil, current: current)
        }
        let natural = relation.columns.filter { $0.isID && $0 != key && meaning.score($0.name) > 0 }
            .max { (meaning.score($0.name)) < meaning.score($1.name) }
        if let natural, let current, meaning.score(natural.name) >= meaning.score(key.name) - 0.5 {
            return Master(evidence: evidence, key: key, durable: natural, current: current)
        }
        return Master(evidence: evidence, key: key, durable: nil, current: nil)
    }

    /// The unique column of ids that is named for it, or is called `id`, or is the primary key.
    private static func best(
        _ unique: [Column], _ meaning: NameMeaning, _ relation: Relation, _ survey: WarehouseSurvey
    ) -> Column? {
        ColumnChoice.best(unique, meaning)?.column ?? unique.first { $0.name.lowercased() == "id" }
            ?? unique.first { relation.keys.first == [$0.name] }
    }

    /// The condition for the version that counts, if rows are versions.
    ///
    /// - Parameter id: What is one over all versions.
    private static func currentVersion(
        _ evidence: RelationEvidence, of id: Column?, _ sampler: Sampler
    ) throws -> String? {
        let relation = evidence.relation
        for column in relation.columns where NameMeaning.current.score(column.name) > 0 {
            if column.type == .boolean { return SelectDraft.column(column) }
            if evidence[column]?.isBinary == true { return "\(SelectDraft.column(column)) = 1" }
            if let yes = evidence[column]?.yesValues { return SelectDraft.isOne(of: yes, column) }
        }
        let days = try DayKey.all(evidence, sampler)
        let open = OpenRows(evidence: evidence, days: days)
        if let (from, to) = open.validity {
            let isInclusive = try id.flatMap { try open.endsAreInclusive(from, to, of: $0, nil, sampler)?.areInclusive }
            return "\(from.hasBegun) and \(to.lasts(isInclusive: isInclusive == true))"
        }
        // Each day has a row for each.
        let snapshot = days.first { relation.isInKey($0.column) && NameMeaning.snapshot.score($0.column.name) > 0 }
        return snapshot?.latest(in: relation)
    }
}
