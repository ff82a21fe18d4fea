import SourceReading

extension SourceMapping {
    /// Builds the mapping from the sections `holdings`, `clients`, `products` and `exclusions`.
    ///
    /// - Throws: `ConfigurationError` for missing keys and for keys that exclude each other.
    init(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        self.init(
            holdings: try HoldingsMapping(settings),
            clients: try ClientsMapping(settings),
            products: try ProductsMapping(settings),
            exclusions: settings.text(.exclusionsQuery).map(ExclusionsMapping.init(query:)),
            riskLevels: settings.names(.suitabilityLevels)
        )
        try settings.checkSuitability()
    }
}

extension HoldingsMapping {
    fileprivate init(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        self.init(
            source: try settings.source(.holdingsRelation, .holdingsQuery),
            client: try settings.required(.holdingsClient),
            layout: try Layout(settings),
            dating: try Dating(settings),
            minAmount: settings.number(.holdingsMinAmount)
        )
    }
}

extension HoldingsMapping.Layout {
    fileprivate init(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        guard let products = settings.names(.holdingsProducts) else {
            guard let product = settings.text(.holdingsProduct) else {
                throw settings.missing(
                    .holdingsProduct,
                    "name the column with the product, or the columns of a wide relation in holdings.products"
                )
            }
            self = .long(product: product, amount: settings.text(.holdingsAmount))
            return
        }
        for key in [ConfigurationKey.holdingsProduct, .holdingsAmount] {
            try settings.refuse(
                key,
                together: .holdingsProducts,
                "one row per product and one column per product exclude each other"
            )
        }
        self = .wide(products: products)
    }
}

extension HoldingsMapping.Dating {
    fileprivate init(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        for key in [ConfigurationKey.holdingsAsOf, .holdingsValidFrom, .holdingsValidTo] {
            try settings.refuse(
                key,
                together: .holdingsQuery,
                "a query is dated by using :as_of in it; date columns need a relation"
            )
        }
        for key in [ConfigurationKey.holdingsValidFrom, .holdingsValidTo] {
            try settings.refuse(
                key,
                together: .holdingsAsOf,
                "rows have the date of a snapshot or a period of validity, not both"
            )
        }
        switch (settings.text(.holdingsValidFrom), settings.text(.holdingsValidTo)) {
        case (let from?, let to?): self = .validity(from: from, to: to)
        case (_?, nil): throw settings.missing(.holdingsValidTo, "a period of validity needs both its columns")
        case (nil, _?): throw settings.missing(.holdingsValidFrom, "a period of validity needs both its columns")
        case (nil, nil): self = settings.text(.holdingsAsOf).map(Self.snapshot(column:)) ?? .undated
        }
    }
}

extension ClientsMapping {
    /// Nil when the section is absent.
    fileprivate init?(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        guard settings.has(section: "clients") else { return nil }
        self.init(
            source: try settings.source(.clientsRelation, .clientsQuery),
            id: try settings.required(.clientsID),
            manager: settings.text(.clientsManager),
            segment: settings.text(.clientsSegment),
            attributes: settings.weights(.clientsAttributes),
            risk: settings.text(.clientsRisk),
            qualified: settings.text(.clientsQualified)
        )
    }
}

extension ProductsMapping {
    /// Nil when the section is absent.
    fileprivate init?(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        guard settings.has(section: "products") else { return nil }
        self.init(
            source: try settings.source(.productsRelation, .productsQuery),
            id: try settings.required(.productsID),
            name: settings.text(.productsName),
            available: settings.text(.productsAvailable),
            risk: settings.text(.productsRisk),
            requiresQualified: settings.text(.productsRequiresQualified),
            components: settings.source(.productsComponents),
            attributes: settings.names(.productsAttributes) ?? []
        )
    }
}

extension ConfigurationSettings {
    /// The one source of a section, from exactly one of two keys.
    fileprivate func source(
        _ relationKey: ConfigurationKey,
        _ queryKey: ConfigurationKey
    ) throws(ConfigurationError) -> SourceRelation {
        try refuse(queryKey, together: relationKey, "rows come from a relation or from a query, not from both")
        if let query = text(queryKey) { return .query(query) }
        guard let relation = relation(relationKey) else {
            throw missing(relationKey, "name a relation, or write a SELECT in \(queryKey.rawValue)")
        }
        return .relation(relation)
    }

    fileprivate func required(_ key: ConfigurationKey) throws(ConfigurationError) -> String {
        guard let text = text(key) else { throw missing(key, "expected \(key.definition.type.expectation)") }
        return text
    }

    /// Refuses one side of a requirement without the other, and rules about risk that nobody has.
    fileprivate func checkSuitability() throws(ConfigurationError) {
        let pairs: [(ConfigurationKey, ConfigurationKey)] = [
            (.clientsRisk, .productsRisk), (.clientsQualified, .productsRequiresQualified),
        ]
        for (client, product) in pairs where (self[client] == .absent) != (self[product] == .absent) {
            let (lacking, present) = self[client] == .absent ? (client, product) : (product, client)
            throw missing(lacking, "\(present.rawValue) has nothing to be compared with; map both or neither")
        }
        for key in [ConfigurationKey.suitabilityRequire, .suitabilityLevels]
        where self[key] != .absent && self[.productsRisk] == .absent {
            throw missing(.productsRisk, "\(key.rawValue) is about products.risk and clients.risk; map both")
        }
    }

    fileprivate func missing(_ key: ConfigurationKey, _ reason: String) -> ConfigurationError {
        ConfigurationError(
            code: .missingKey,
            message: "missing; \(reason)",
            key: key.rawValue,
            location: key.section.map(location(ofSection:))
        )
    }

    fileprivate func refuse(
        _ key: ConfigurationKey,
        together other: ConfigurationKey,
        _ reason: String
    ) throws(ConfigurationError) {
        guard self[key] != .absent, self[other] != .absent else { return }
        let place = location(of: other).map { " (\($0))" } ?? ""
        throw ConfigurationError(
            code: .conflict,
            message: "cannot stand together with \(other.rawValue)\(place): \(reason)",
            key: key.rawValue,
            location: location(of: key)
        )
    }
}
