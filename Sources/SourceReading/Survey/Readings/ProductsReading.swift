/// What a relation says of products besides their ids.
struct ProductsReading {
    typealias Column = WarehouseSurvey.Column

    /// How a column says what may be offered.
    enum Availability {
        case flag(Column)
        /// What stands for yes, of a column that is no boolean.
        case condition(Column, String)
    }

    let master: Master
    let name: Column?
    let available: Availability?
    let risk: Column?
    let complex: Column?
    let attributes: [Column]

    init(_ master: Master) {
        self.master = master
        let evidence = master.evidence
        let columns = master.relation.columns.filter { $0 != master.id && $0 != master.key }
        name = ColumnChoice.best(columns.filter(\.type.isText), .name)?.column
        risk = ColumnChoice.best(columns.filter { $0.type.isNumber || $0.isWord }, .risk)
            .flatMap { $0.score >= 2 ? $0.column : nil }
        complex = ColumnChoice.best(columns.filter { $0.type == .boolean }, .complex)?.column
        available = Self.available(columns, evidence)
        attributes = Array(
            columns.filter { column in
                let words = NameMeaning.category.score(column.name)
                let distinct = evidence[column]?.distinct ?? 0
                return words > 0 && distinct >= 2 && distinct < evidence.rows && column.isWord
            }.prefix(4))
    }

    private static func available(_ columns: [Column], _ evidence: RelationEvidence) -> Availability? {
        // The flag that says which version counts says nothing about products.
        let others = columns.filter { NameMeaning.current.score($0.name) <= 0 }
        if let flag = ColumnChoice.best(others.filter { $0.type == .boolean }, .available)?.column {
            return .flag(flag)
        }
        let named = others.filter { NameMeaning.available.score($0.name) > 0 && $0.type != .boolean }
            .sorted { NameMeaning.available.score($0.name) > NameMeaning.available.score($1.name) }
        for column in named {
            guard let found = evidence[column] else { continue }
            if found.isBinary { return .condition(column, "\(SelectDraft.column(column)) = 1") }
            if let yes = found.yesValues { return .condition(column, SelectDraft.isOne(of: yes, column)) }
            if let values = found.values, let statuses = ValueWords.statuses(values), !statuses.open.isEmpty {
                return .condition(column, SelectDraft.isOne(of: statuses.open, column))
            }
        }
        return nil
    }

    /// The section of the configuration.
    ///
    /// - Parameters:
    ///   - clientRisk: Whether clients have a risk that can be compared.
    ///   - clientFlag: Whether it is known which clients are qualified.
    func section(clientRisk: Bool, clientFlag: Bool) -> ProposedSection {
        var section = ProposedSection(
            name: "products", notes: ["Names for reports, and which products may be offered."])
        var outputs = [(SelectDraft.id(master.id), master.id.sql)]
        func add(_ key: String, _ column: Column, isSet: Bool = true, why: String? = nil) {
            outputs.append((SelectDraft.column(column), column.sql))
            section.entries.append(.init(key, .name(column.name), isSet: isSet, why: why))
        }
        section.entries = [.init("id", .name(master.id.name))]
        if let name { add("name", name) }
        let columns = master.relation.columns.filter { column in
            master.evidence[column]?.values.map { $0.count >= 2 } == true
                && NameMeaning.status.score(column.name) >= 1.7
        }
        if available == nil, let status = columns.first, let values = master.evidence[status]?.values {
            section.notes.append(
                "\(status.name) has the values \(values.map(\.trimmingSpaces).joined(separator: ", ")), which init does not"
                    + " know: check whether some products must not be offered.")
        }
        var isQuery = master.current != nil || master.id.type == .citext
        switch available {
        case .flag(let column)?: add("available", column)
        case .condition(let column, let condition)?:
            isQuery = true
            outputs.append(("(\(condition))", "is_available"))
            section.entries.append(.init("available", .name("is_available"), why: "As \(column.name) says."))
        case nil: break
        }
        if let risk {
            add(
                "risk", risk, isSet: false,
                why: clientRisk ? "See clients.risk." : "No risk of clients was found to compare with.")
        }
        if let complex {
            add(
                "requires_qualified", complex, isSet: false,
                why: clientFlag ? "See clients.qualified." : "No column says which clients are qualified.")
        }
        if !attributes.isEmpty {
            outputs += attributes.map { (SelectDraft.column($0), $0.sql) }
            section.entries.append(
                .init(
                    "attributes", .names(attributes.map(\.name)), isSet: false,
                    why: "What nobody holds yet is scored like products that are alike in these."))
        }
        if isQuery {
            var draft = SelectDraft(master.relation)
            var seen: Set<String> = []
            draft.outputs = outputs.filter { seen.insert($0.1).inserted }.map { (expression: $0.0, name: $0.1) }
            draft.conditions = master.current.map { [$0] } ?? []
            section.source = .query(draft.text)
        } else {
            section.source = .relation(master.relation.name)
        }
        return section
    }
}
