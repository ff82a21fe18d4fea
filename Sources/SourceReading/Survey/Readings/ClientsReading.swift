/// What a relation says of clients besides their ids.
struct ClientsReading {
    typealias Column = WarehouseSurvey.Column

    /// Different values above which a column tells hardly anybody to be alike.
    private static let attributeLimit = 100

    let evidence: RelationEvidence
    let id: Column
    /// The condition for the rows that count; nil where all do.
    let current: String?
    /// Columns that are something else.
    let taken: [Column]
    let manager: Column?
    let segment: Column?
    let risk: Column?
    let qualified: Column?
    let attributes: [Column]

    /// - Parameter taken: Columns that are something else, such as products.
    init(_ evidence: RelationEvidence, id: Column, current: String?, besides taken: [Column] = []) {
        (self.evidence, self.id, self.current, self.taken) = (evidence, id, current, taken)
        let columns = evidence.relation.columns.filter { $0 != id && !taken.contains($0) }
        func varies(_ column: Column) -> Bool { evidence.rows == 0 || (evidence[column]?.distinct ?? 0) >= 2 }
        let manager = ColumnChoice.best(columns.filter { $0.type.isText }, .manager)?.column
        risk = ColumnChoice.best(columns.filter { $0.type.isNumber || $0.isWord }, .risk)
            .flatMap { $0.score >= 2 ? $0.column : nil }
        let qualified = ColumnChoice.best(columns.filter { $0.type == .boolean }, .qualified)?.column
        let few = columns.filter { column in
            guard let found = evidence[column] else { return false }
            return found.distinct <= 50 && varies(column) && !column.type.isDate
        }
        let segment = ColumnChoice.best(few.filter { $0 != manager && $0.type != .boolean }, .segment)
            .flatMap { $0.score >= 1 ? $0.column : nil }
        (self.manager, self.segment, self.qualified) = (manager, segment, qualified)
        attributes = Array(
            columns.filter { column in
                guard let found = evidence[column], column != manager, column != qualified, column.referencedOID == nil,
                    NameMeaning.attribute.score(column.name) >= 1.5, varies(column), found.nullShare < 0.9,
                    // Which version counts, and who is gone, is nothing that clients are like.
                    NameMeaning.current.score(column.name) <= 0, NameMeaning.validTo.score(column.name) <= 0
                else { return false }
                let isNumber = column.type.isNumber || column.type == .money
                return isNumber || column.type.isDate || found.distinct <= Self.attributeLimit
            }.prefix(6))
    }

    /// Whether there is anything but ids.
    var hasAny: Bool { manager != nil || segment != nil || !attributes.isEmpty || risk != nil }

    /// The section of the configuration.
    ///
    /// - Parameters:
    ///   - note: What it is for.
    ///   - productRisk: Whether products have a risk that can be compared.
    func section(_ note: String, productRisk: Bool, productFlag: Bool) -> ProposedSection {
        var section = ProposedSection(name: "clients", notes: [note])
        var columns = [("id", id)]
        if let manager { columns.append(("manager", manager)) }
        if let segment { columns.append(("segment", segment)) }
        section.entries = columns.map { .init($0.0, .name($0.1.name)) }
        var offered: [Column] = attributes
        if let risk {
            offered.append(risk)
            section.entries.append(
                .init(
                    "risk", .name(risk.name), isSet: false,
                    why: productRisk
                        ? "Take in both risks if nobody may be offered more than this: a client without one is offered nothing."
                        : "No risk of products was found to compare with."))
        }
        if let qualified {
            offered.append(qualified)
            section.entries.append(
                .init(
                    "qualified", .name(qualified.name), isSet: false,
                    why: productFlag
                        ? "Take in both, if some products are for qualified clients only."
                        : "No column says which products are for qualified clients only."))
        }
        if !attributes.isEmpty {
            let weights = Dictionary(attributes.map { ($0.name, Self.weight($0)) }) { first, _ in first }
            section.entries.append(
                .init(
                    "attributes", .weights(weights), isSet: false,
                    why:
                        "Peers that are alike in these as well: `peerfolio evaluate` says whether that is better. Check"
                        + " that you may use them."))
        }
        let gone = OpenRows(evidence: evidence, days: []).deletions(besides: taken + [id]).map(\.column.name)
        if !gone.isEmpty {
            section.notes.append(
                "\(gone.joined(separator: ", ")) says which clients are gone: leave them out in a query if they are to get"
                    + " nothing.")
        }
        if current != nil || id.type == .citext {
            if current != nil {
                section.notes.append("Clients have several rows: the one that counts on the day of the run is taken.")
            }
            var draft = SelectDraft(evidence.relation)
            var all = columns.map(\.1)
            all += offered.filter { !all.contains($0) }
            draft.outputs = all.map { ($0 == id ? SelectDraft.id($0) : SelectDraft.column($0), $0.sql) }
            draft.conditions = [current].compactMap(\.self)
            section.source = .query(draft.text)
        } else {
            section.source = .relation(evidence.relation.name)
        }
        return section
    }

    private static func weight(_ column: Column) -> Double {
        column.type.isNumber || column.type == .money || column.type.isDate ? 0.25 : 0.5
    }
}
