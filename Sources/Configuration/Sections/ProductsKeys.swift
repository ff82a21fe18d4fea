import SourceReading

/// Where the warehouse keeps products.
package struct ProductsKeys: KeySection {
    let relation = Key("products.relation", .relation, "Relation with the products.")
    let query = Key("products.query", .query, "Or any `SELECT` of the products; may use `:as_of`.")
    let id = Key("products.id", .name, "Column with the product's id.")
    let name = Key("products.name", .name, "Column with the product's name.")
    let available = Key("products.available", .name, "Boolean column: may the product be offered?")
    let components = Key(
        "products.components", .source,
        "What products are made of: rows of `product`, `component`, `weight`; a `SELECT` may use `:as_of`.")
    let attributes = Key(
        "products.attributes", .columns, default: [],
        "Columns by which a product that nobody holds is scored like others, such as its issuer.")
    let risk = Key(
        "products.risk", .name,
        "Column with the product's risk; a client is offered nothing riskier than `clients.risk`.")
    let requiresQualified = Key(
        "products.requires_qualified", .name, "Boolean column: may only qualified clients be offered the product?")
}

extension ProductsMapping {
    /// Nil when the section is absent.
    ///
    /// - Throws: `ConfigurationError` for missing keys and for keys that exclude each other.
    init?(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        guard settings.products.isSet else { return nil }
        let keys = settings.products.keys
        self.init(
            source: try settings.source(keys.relation, keys.query),
            id: try settings.required(keys.id),
            name: settings[keys.name],
            available: settings[keys.available],
            risk: settings[keys.risk],
            requiresQualified: settings[keys.requiresQualified],
            components: settings[keys.components],
            attributes: settings[keys.attributes]
        )
    }
}
