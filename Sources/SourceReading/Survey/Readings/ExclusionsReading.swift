/// What must not be offered to whom, if a relation looks like it.
enum ExclusionsReading {
    /// The section of the configuration.
    static func section(for holdings: HoldingsReading, in survey: WarehouseSurvey) -> ProposedSection? {
        guard case .long(let heldProduct, _) = holdings.layout else { return nil }
        let clientID = holdings.clients?.id ?? holdings.client
        let productID = holdings.productMaster?.id ?? heldProduct
        for relation in survey.relations where relation.oid != holdings.relation.oid {
            guard NameMeaning.exclusions.score(relation.name.name) > 0 else { continue }
            let ids = relation.columns.filter(\.isID)
            let clients = ids.filter { $0.isReadAs(clientID) }
            let products = ids.filter { $0.isReadAs(productID) }
            guard let client = ColumnChoice.best(clients, .client), let product = ColumnChoice.best(products, .product)
            else { continue }
            var draft = SelectDraft(relation)
            draft.outputs = [
                (SelectDraft.id(client.column), "client_id"), (SelectDraft.id(product.column), "product_id"),
            ]
            let reason = ColumnChoice.best(relation.columns.filter(\.type.isText), .reason)?.column
            draft.outputs.append((reason.map(SelectDraft.column) ?? "'excluded'", "reason"))
            return ProposedSection(
                name: "exclusions", notes: ["What must not be offered to whom; NULL means all."],
                source: .query(draft.text))
        }
        return nil
    }
}
