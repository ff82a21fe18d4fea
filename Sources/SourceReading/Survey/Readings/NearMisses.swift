/// What to say when nothing looks like holdings: what comes nearest, what it lacks, and what cannot be seen.
struct NearMisses {
    let survey: WarehouseSurvey

    init(_ survey: WarehouseSurvey) { self.survey = survey }

    /// The error for a relation that is not there, or that cannot be read.
    func missing(_ chosen: RelationName) -> SourceError {
        if survey.unreadable.contains(chosen) {
            return SourceError(
                .privilege,
                "relation \(chosen) is there, but this role may not read it; GRANT SELECT on it, and USAGE on its schema"
            )
        }
        let names = survey.relations.map { "\($0.name)" }
        let nearest = Spelling.nearest(to: "\(chosen)", in: names).map { "; did you mean \($0)?" } ?? ""
        return SourceError(
            .relation,
            "relation \(chosen) does not exist, or this role may not read it; names are taken as written\(nearest)")
    }

    /// The error for a warehouse in which nothing looks like holdings, or a relation that does not.
    func nothing(chosen: RelationName?, _ relations: [WarehouseSurvey.Relation], _ sampler: Sampler) -> SourceError {
        let what = chosen.map { "\($0)" } ?? "no relation that this role may read"
        var message =
            "\(what) \(chosen == nil ? "looks" : "does not look") like holdings: a column of client ids, one of product"
            + " ids and an amount, or a column for each product"
        let near = relations.compactMap { lacks(of: $0, sampler) }.sorted { ($0.count, $0.name) < ($1.count, $1.name) }
        if !near.isEmpty {
            let list = near.prefix(3).map { "\($0.name) lacks \($0.text)" }
            message += "; nearest: \(list.joined(separator: "; "))"
        }
        if chosen == nil && !survey.unreadable.isEmpty {
            let likely = survey.unreadable.sorted {
                NameMeaning.holdings.score($0.name) > NameMeaning.holdings.score($1.name)
            }
            let names = likely.prefix(3).map { "\($0)" }.joined(separator: ", ")
            let count = survey.unreadable.count
            message +=
                "; \(count) more \(count == 1 ? "relation" : "relations") this role may not read, such as \(names)"
        }
        return SourceError(
            .relation,
            message
                + "; grant SELECT on it, name it with --relation, or write the configuration by hand as README.md shows"
        )
    }

    /// What a relation lacks to be holdings.
    private func lacks(
        of relation: WarehouseSurvey.Relation, _ sampler: Sampler
    ) -> (name: String, count: Int, text: String)? {
        guard let evidence = try? sampler.evidence(relation) else { return nil }
        let choice = ColumnChoice(evidence: evidence, survey: survey)
        var lacks: [String] = []
        if let name = relation.columns.first(where: { LongReading.keptProperties(evidence, $0) != nil }) {
            return (
                "\(relation.name)", 1,
                "columns for what \(name.name) names in rows, so that only a query can say which of it are products"
            )
        }
        let client = choice.clients().first?.column
        if client == nil { lacks.append("a column of client ids with many values") }
        let hasProduct = relation.columns.contains { $0.isID && $0 != client && NameMeaning.product.score($0.name) > 0 }
        if !hasProduct { lacks.append("a column of product ids or columns for products") }
        if evidence.failure == nil && evidence.rows == 0 { lacks.append("rows") }
        if NameMeaning.holdings.score(relation.name.name) < -1 { lacks.append("a name that says holdings") }
        if lacks.isEmpty { lacks.append("several rows for a client and for a product") }
        return ("\(relation.name)", lacks.count, lacks.joined(separator: " and "))
    }
}
