import SourceReading

/// Where the warehouse keeps holdings.
package struct HoldingsKeys: KeySection {
    let relation = Key("holdings.relation", .relation, "Relation with the holdings, `schema.name`.")
    let query = Key("holdings.query", .query, "Or any `SELECT` of the holdings; may use `:as_of`.")
    let client = Key("holdings.client", .name, "Column with the client's id.")
    let product = Key("holdings.product", .name, "Long layout: column with the product's id.")
    let amount = Key(
        "holdings.amount", .name, "Long layout: column with the amount; without it every row counts as 1.")
    let products = Key(
        "holdings.products", .names, "Wide layout: columns of amounts, one per product; `*` stands for any text.")
    let asOf = Key("holdings.as_of", .name, "Column with the date of a snapshot.")
    let validFrom = Key("holdings.valid_from", .name, "Column with the first day on which a row is valid.")
    let validTo = Key("holdings.valid_to", .name, "Column with the first day on which a row is no longer valid.")
    let minAmount = Key(
        "holdings.min_amount", .number(atLeast: 0), default: 0, "A product is held when the summed amount is greater.")

    package var changes: KeyEffect { .scores }
}

extension HoldingsMapping {
    /// - Throws: `ConfigurationError` for missing keys and for keys that exclude each other.
    init(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        let keys = settings.holdings.keys
        self.init(
            source: try settings.source(keys.relation, keys.query),
            client: try settings.required(keys.client),
            layout: try Layout(settings),
            dating: try Dating(settings),
            minAmount: settings[keys.minAmount]
        )
    }
}

extension HoldingsMapping.Layout {
    fileprivate init(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        let keys = settings.holdings.keys
        guard let products = settings[keys.products] else {
            guard let product = settings[keys.product] else {
                throw settings.missing(
                    keys.product,
                    "name the column with the product, or the columns of a wide relation in \(keys.products.path)")
            }
            self = .long(product: product, amount: settings[keys.amount])
            return
        }
        for key in [keys.product, keys.amount] {
            try settings.refuse(
                key, together: keys.products, "one row per product and one column per product exclude each other")
        }
        self = .wide(products: products)
    }
}

extension HoldingsMapping.Dating {
    fileprivate init(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        let keys = settings.holdings.keys
        for key in [keys.asOf, keys.validFrom, keys.validTo] {
            try settings.refuse(
                key, together: keys.query, "a query is dated by using :as_of in it; date columns need a relation")
        }
        for key in [keys.validFrom, keys.validTo] {
            try settings.refuse(
                key, together: keys.asOf, "rows have the date of a snapshot or a period of validity, not both")
        }
        let incomplete = "a period of validity needs both its columns"
        switch (settings[keys.validFrom], settings[keys.validTo]) {
        case (let from?, let to?): self = .validity(from: from, to: to)
        case (_?, nil): throw settings.missing(keys.validTo, incomplete)
        case (nil, _?): throw settings.missing(keys.validFrom, incomplete)
        case (nil, nil): self = settings[keys.asOf].map(Self.snapshot(column:)) ?? .undated
        }
    }
}
