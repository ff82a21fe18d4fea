/// Which columns of a relation are clients, products and amounts: names, keys and values together.
struct ColumnChoice {
    typealias Column = WarehouseSurvey.Column
    typealias Scored = (column: Column, score: Double)

    let evidence: RelationEvidence
    let survey: WarehouseSurvey

    private var relation: WarehouseSurvey.Relation { evidence.relation }

    /// Columns that may have the ids of clients, the likeliest first.
    ///
    /// A client's column has many values, and is in a key, refers to clients or is called so.
    func clients() -> [Scored] { ids(.client, many: true) }

    /// Columns that may have the ids of products, the likeliest first.
    ///
    /// - Parameter client: The column that has the clients.
    func products(besides client: Column) -> [Scored] {
        let clients = evidence[client]?.distinct ?? 0
        // Several numbers that are called after products are amounts of them.
        let numbers = relation.columns.filter { column in
            column.type.isNumber && !relation.isInKey(column) && column.referencedOID == nil
                && NameMeaning.product.score(column.name) > 0
        }
        let areAmounts = numbers.count >= 3
        return ids(.product, many: false).filter { found in
            found.column != client && evidence[found.column]?.isBinary != true
                && !(areAmounts && numbers.contains(found.column))
        }.map { column, score in
            var score = score
            if let distinct = evidence[column]?.distinct, evidence.rows >= 50 {
                // Everybody has the same one, or there are more of them than clients.
                if distinct < 2 { score -= 3 }
                if distinct > clients { score -= 1 }
            }
            return (column, score)
        }.filter { $0.score > 0 }.sorted { $0.score > $1.score } + unnamedProducts(besides: client)
    }

    /// The only column that may have the products where neither a name nor a key says so: few values, and words at that.
    private func unnamedProducts(besides client: Column) -> [Scored] {
        guard NameMeaning.client.score(client.name) >= 1.5 || relation.isInKey(client),
            !relation.keys.contains(where: { $0.contains(client.name) && $0.count > 1 })
        else { return [] }
        let meanings: [NameMeaning] = [
            .product, .client, .amount, .attribute, .manager, .segment, .status, .side, .currency, .held, .property,
            .reason,
            .name,
        ]
        let words = relation.columns.filter { column in
            guard column.isID, column != client, column.isWord || column.type == .uuid, column.referencedOID == nil,
                evidence.dayForm(column) == nil, evidence[column]?.yesValues == nil, let found = evidence[column]
            else { return false }
            return found.distinct >= 2 && 2 * found.distinct < found.rows && found.nullShare < 0.5
                && meanings.allSatisfy { $0.score(column.name) <= 0 }
        }
        return words.count == 1 ? [(words[0], 0.2)] : []
    }

    private func ids(_ meaning: NameMeaning, many: Bool) -> [Scored] {
        relation.columns.filter { $0.isID && evidence.dayForm($0) == nil }.compactMap { column -> Scored? in
            var score = meaning.score(column.name)
            let rival = (many ? NameMeaning.product : .client).score(column.name)
            if rival > max(score, 0) { return nil }
            if let target = survey.referenced(by: column) {
                score = max(score, 0) + (meaning.score(target.name.name) > 0 ? 2 : 0)
            }
            let isInKey = relation.isInKey(column)
            // Nobody knows every language: what is in a key is an id of something.
            if score <= 0 && isInKey && !relation.isUnique(column) && !isOther(column)
                && (column.type != .numeric || column.isWholeNumeric)
            {
                score = 0.3
            }
            guard score > 0 else { return nil }
            if isInKey { score += 1 }
            if let found = evidence[column] {
                if found.odd > 0 && column.type.isNumber { return nil }
                if found.nonNull == 0 && found.rows > 0 || found.nullShare > 0.5 { score -= 3 }
                let isToldByName = meaning.score(column.name) >= 1.5
                if many && (found.hasFewValues || !isToldByName && found.isOfFew) { return nil }
                if many && score < 1.5 { score += found.distinct >= 50 ? 0.2 : 0 }
            }
            return (column, score)
        }.filter { $0.score > 0 }.sorted { $0.score > $1.score }
    }

    private func isOther(_ column: Column) -> Bool {
        NameMeaning.attribute.score(column.name) > 0 || NameMeaning.status.score(column.name) > 0
            || NameMeaning.side.score(column.name) >= 2 || evidence[column]?.isBinary == true
    }

    /// Columns with amounts, the likeliest first; a column that says of each pair whether it is held where there is none.
    ///
    /// - Parameter taken: Columns that are something else.
    func amounts(besides taken: [Column]) -> [Scored] {
        let named = numbers(.amount, besides: taken)
        if !named.isEmpty { return named }
        let numbers = numbers(besides: taken)
        let flags = numbers.filter { column in
            NameMeaning.held.score(column.name) > 0 && (column.type == .boolean || evidence[column]?.isBinary == true)
        }
        if let flag = flags.first { return [(flag, 1)] }
        // The only number there is, of whatever language its name is.
        let measures = numbers.filter { column in
            guard let found = evidence[column], column.type != .boolean else { return false }
            return found.distinct > ColumnEvidence.fewValues && NameMeaning.amount.score(column.name) >= 0
                && NameMeaning.attribute.score(column.name) <= 0 && NameMeaning.client.score(column.name) <= 0
        }
        return measures.count == 1 ? [(measures[0], 0.5)] : []
    }

    /// Numbers and amounts of money that are called so, the likeliest first.
    func numbers(_ meaning: NameMeaning, besides taken: [Column]) -> [Scored] {
        numbers(besides: taken).filter { $0.type != .boolean }.map { ($0, meaning.score($0.name)) }
            .filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }
    }

    private func numbers(besides taken: [Column]) -> [Column] {
        relation.columns.filter { column in
            column.isAmount && !taken.contains(column) && column.referencedOID == nil && !relation.isInKey(column)
                && evidence.dayForm(column) == nil
        }
    }

    /// The column that fits a meaning best.
    static func best(_ columns: [Column], _ meaning: NameMeaning) -> Scored? {
        columns.map { ($0, meaning.score($0.name)) }.filter { $0.1 > 0 }.max { $0.1 < $1.1 }
    }
}
