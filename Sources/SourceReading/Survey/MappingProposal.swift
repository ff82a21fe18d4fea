public import Postgres

/// Where a warehouse seems to keep what a run reads: proposed from names, types, keys and a sample, for people to confirm.
public struct MappingProposal: Sendable {
    package typealias Relation = WarehouseSurvey.Relation
    package typealias Column = WarehouseSurvey.Column

    /// How the holdings are dated.
    package enum Dating: Sendable, Hashable {
        /// Not at all.
        case none
        /// The column with the date of a snapshot.
        case snapshot(Column)
        /// The columns with a period of validity.
        case validity(from: Column, to: Column)
    }

    /// The products of holdings.
    package enum Layout: Sendable, Hashable {
        /// One row per client and product.
        case long(product: Column, amount: Column?)
        /// One column per product: a pattern, or their names.
        case wide([String])
    }

    /// Holdings, with how much speaks for them.
    package struct Holdings: Sendable {
        /// Where they are.
        package let relation: Relation
        /// The column with the client's id.
        package let client: Column
        /// How products and amounts lie in columns.
        package let layout: Layout
        /// How rows are dated.
        package let dating: Dating
        var score: Double
        /// What speaks for it, in words.
        package var reasons: [String]
    }

    /// The best relation for the holdings.
    package let holdings: Holdings
    /// Other relations that might hold the holdings, best first.
    package let alternatives: [Holdings]
    /// The relation of all clients, if one looks like it.
    package let clients: (relation: Relation, id: Column, manager: Column?)?
    /// The relation of the products, if one looks like it.
    package let products: (relation: Relation, id: Column, name: Column?, available: Column?)?
    /// The relation of what must not be offered, if one looks like it.
    package let exclusions: (relation: Relation, client: Column, product: Column, reason: Column?)?

    /// Rows of a relation that are looked at.
    private static let sampleSize = 20_000
    /// Relations that are sampled, the most promising ones.
    private static let candidateLimit = 8

    /// Proposes a mapping.
    ///
    /// - Parameters:
    ///   - survey: The relations.
    ///   - chosen: The relation of the holdings, where somebody knows.
    ///   - session: To look at a sample of each candidate's ids, in read-only transactions.
    /// - Throws: `SourceError` when nothing looks like holdings, or the chosen relation does not; `PostgresError`.
    public init(_ survey: WarehouseSurvey, holdings chosen: RelationName? = nil, session: Session) throws {
        let relations = survey.relations.filter { chosen == nil || $0.name == chosen }
        if let chosen, relations.isEmpty {
            throw SourceError(
                .relation, "relation \(chosen) does not exist, or this role may not read it; names are taken as written"
            )
        }
        var candidates = relations.flatMap { Self.candidates($0, isChosen: chosen != nil) }
            .sorted { $0.score > $1.score }
        candidates = Array(candidates.prefix(Self.candidateLimit))
        for index in candidates.indices { try Self.weigh(&candidates[index], session) }
        candidates.sort { $0.score > $1.score }
        guard let best = candidates.first, best.score > 0 else {
            let what = chosen.map { "\($0)" } ?? "no relation that this role may read"
            throw SourceError(
                .relation,
                "\(what) \(chosen == nil ? "looks" : "does not look") like holdings: a column of client ids, one of product"
                    + " ids and an amount, or a column for each product; grant SELECT on it, name it with --relation,"
                    + " or write the configuration by hand as README.md shows")
        }
        holdings = best
        var named: Set<RelationName> = [best.relation.name]
        alternatives = candidates.dropFirst().filter { $0.score > 0 && named.insert($0.relation.name).inserted }
        let others = survey.relations.filter { $0.name != best.relation.name }
        clients = Self.clients(for: best, in: others)
        if case .long(let product, _) = best.layout {
            products = Self.products(for: product, of: best, in: others)
            exclusions = Self.exclusions(for: best, product, in: others)
        } else {
            (products, exclusions) = (nil, nil)
        }
    }

    // MARK: Holdings

    private static func candidates(_ relation: Relation, isChosen: Bool) -> [Holdings] {
        let bonus = isChosen ? 10 : 0.0
        let relationScore = NameMeaning.holdings.score(relation.name.name)
        guard let client = best(relation.columns.filter(\.isID), .client) else { return [] }
        var found: [Holdings] = []
        let others = relation.columns.filter { $0 != client.column }
        if let product = best(others.filter(\.isID), .product) {
            let amount = best(others.filter { $0.type.isNumber && $0 != product.column }, .amount)
            var score = client.score + product.score + min(amount?.score ?? -1, 3) + relationScore + bonus
            var reasons = ["the names of its columns"]
            if client.column.isInPrimaryKey && product.column.isInPrimaryKey {
                score += 2
                reasons.append("client and product are in its primary key")
            }
            let references = [client.column, product.column].filter { $0.referencedOID != nil }.count
            if references > 0 {
                score += Double(references)
                reasons.append("foreign keys to clients or products")
            }
            // A key by itself means one row for each client, or for each product.
            if client.column.isUnique || product.column.isUnique { score -= 6 }
            found.append(
                Holdings(
                    relation: relation, client: client.column,
                    layout: .long(product: product.column, amount: amount?.column),
                    dating: dating(others, product: product.column), score: score, reasons: reasons))
        }
        if let products = wideProducts(others) {
            let isKey = client.column.isUnique
            found.append(
                Holdings(
                    relation: relation, client: client.column, layout: .wide(products),
                    dating: .none, score: client.score + relationScore + bonus + (isKey ? 3 : 1),
                    reasons: ["a numeric column for each of many products"]))
        }
        return found
    }

    private static func best(_ columns: [Column], _ meaning: NameMeaning) -> (column: Column, score: Double)? {
        columns.map { ($0, meaning.score($0.name)) }.filter { $0.1 > 0 }.max { $0.1 < $1.1 }
    }

    /// At least five numeric columns that share a first word, or else all numeric columns when there are ten.
    private static func wideProducts(_ columns: [Column]) -> [String]? {
        let numeric = columns.filter { $0.type.isNumber && !$0.isUnique && $0.referencedOID == nil }
        let groups = Dictionary(grouping: numeric) { $0.name.split(separator: "_").first.map(String.init) ?? "" }
        if let (prefix, group) = groups.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) }),
            group.count >= 5, !prefix.isEmpty, !prefix.contains("*"),
            group.allSatisfy({ $0.name.hasPrefix(prefix + "_") }),
            // The pattern must not take in anything else.
            columns.filter({ $0.name.hasPrefix(prefix + "_") }).count == group.count
        {
            return ["\(prefix)_*"]
        }
        return numeric.count >= 10 && numeric.allSatisfy { !$0.name.contains("*") } ? numeric.map(\.name) : nil
    }

    private static func dating(_ columns: [Column], product: Column) -> Dating {
        let dates = columns.filter(\.type.isDate)
        if let from = best(dates, .validFrom), from.score >= 1.5,
            let to = best(dates.filter { $0 != from.column }, .validTo), to.score >= 1.5
        {
            return .validity(from: from.column, to: to.column)
        }
        guard let snapshot = best(dates, .snapshot) else { return .none }
        // When a row was loaded or changed is no day that it holds for.
        return snapshot.column.isInPrimaryKey || snapshot.score >= 2 ? .snapshot(snapshot.column) : .none
    }

    /// Looks at a sample: holdings have several rows for a client and several for a product.
    private static func weigh(_ candidate: inout Holdings, _ session: Session) throws {
        guard case .long(let product, let amount) = candidate.layout else { return }
        let relation = candidate.relation.name
        let mode = TransactionMode.consistentRead.pinningNames.setting("statement_timeout", "10s")
        do {
            let row = try session.transaction(mode) { session in
                let from = try [relation.schema, relation.name].compactMap(\.self)
                    .map { try session.escapeIdentifier($0) }.joined(separator: ".")
                let (client, product) = (
                    try session.escapeIdentifier(candidate.client.name), try session.escapeIdentifier(product.name)
                )
                let negative = try amount.map { "count(*) filter (where \(try session.escapeIdentifier($0.name)) < 0)" }
                return try session.execute(
                    """
                    select count(*), count(distinct \(client)), count(distinct \(product)), \(negative ?? "0::bigint")
                    from (select * from \(from) limit \(sampleSize)) as sample
                    """
                ).rows[0]
            }
            let (rows, clients, products, negative): (Int, Int, Int, Int) = (
                try row.get(at: 0), try row.get(at: 1), try row.get(at: 2), try row.get(at: 3)
            )
            guard rows > 0 else {
                candidate.score -= 4
                return candidate.reasons.append("it is empty")
            }
            if clients < rows && products < rows && products > 1 {
                candidate.score += 2
                candidate.reasons.append("several rows for a client and for a product")
            } else {
                candidate.score -= 2
            }
            if products > clients { candidate.score -= 1 }
            if 2 * negative > rows { candidate.score -= 3 }
        } catch let error as PostgresError where error.code == .server {
            // A view that takes too long, or that may not be read: its names have to do.
            candidate.score -= 1
        }
    }

    // MARK: The others

    private static func clients(for holdings: Holdings, in relations: [Relation]) -> (Relation, Column, Column?)? {
        master(of: holdings.client, .client, in: relations).map { relation, id in
            (relation, id, best(relation.columns.filter { $0.type.isText && $0 != id }, .manager)?.column)
        }
    }

    private static func products(
        for product: Column, of holdings: Holdings, in relations: [Relation]
    ) -> (Relation, Column, Column?, Column?)? {
        master(of: product, .product, in: relations).map { relation, id in
            (
                relation, id, best(relation.columns.filter { $0.type.isText && $0 != id }, .name)?.column,
                best(relation.columns.filter { $0.type == .boolean }, .available)?.column
            )
        }
    }

    /// The relation with one row for each id of a column: what its foreign key refers to, or what is named so.
    private static func master(
        of column: Column, _ meaning: NameMeaning, in relations: [Relation]
    ) -> (Relation, Column)? {
        let type = column.type.identifierType
        let candidates = relations.compactMap { relation -> (Relation, Column, Double)? in
            let ids = relation.columns.filter { $0.type.identifierType == type && $0.isUnique }
            guard let id = best(ids, meaning) ?? ids.first(where: { $0.name == "id" }).map({ ($0, 1) }) else {
                return nil
            }
            let isReferenced = column.referencedOID == relation.oid
            let relationScore = meaning.score(relation.name.name)
            guard isReferenced || relationScore > 0 else { return nil }
            return (relation, id.0, id.1 + relationScore + (isReferenced ? 10 : 0))
        }
        return candidates.max { $0.2 < $1.2 }.map { ($0.0, $0.1) }
    }

    private static func exclusions(
        for holdings: Holdings, _ product: Column, in relations: [Relation]
    ) -> (Relation, Column, Column, Column?)? {
        for relation in relations where NameMeaning.exclusions.score(relation.name.name) > 0 {
            let ids = relation.columns.filter(\.isID)
            let clients = ids.filter { $0.type == holdings.client.type }
            let products = ids.filter { $0.type == product.type }
            if let client = best(clients, .client), let product = best(products, .product) {
                return (
                    relation, client.column, product.column,
                    best(relation.columns.filter(\.type.isText), .reason)?.column
                )
            }
        }
        return nil
    }
}
