import SourceReading

extension ConfigurationSettings {
    /// The error for a key that is needed.
    func missing(_ key: some AnyKey, _ reason: String) -> ConfigurationError {
        ConfigurationError(
            code: .missingKey,
            message: "missing; \(reason)",
            key: key.path,
            location: key.section.map(location(ofSection:))
        )
    }

    /// The error for a value that does not go with others.
    func conflict(
        _ key: some AnyKey, _ message: String, code: ConfigurationError.Code = .conflict
    ) -> ConfigurationError {
        ConfigurationError(code: code, message: message, key: key.path, location: location(of: key.path))
    }

    func required(_ key: Key<String?>) throws(ConfigurationError) -> String {
        guard let text = self[key] else { throw missing(key, "expected \(key.expectation)") }
        return text
    }

    func refuse(_ key: any AnyKey, together other: any AnyKey, _ reason: String) throws(ConfigurationError) {
        guard isSet(key), isSet(other) else { return }
        let place = location(of: other.path).map { " (\($0))" } ?? ""
        throw conflict(key, "cannot stand together with \(other.path)\(place): \(reason)")
    }

    /// The one source of a section, from exactly one of two keys.
    func source(
        _ relationKey: Key<RelationName?>, _ queryKey: Key<String?>
    ) throws(ConfigurationError) -> SourceRelation {
        try refuse(queryKey, together: relationKey, "rows come from a relation or from a query, not from both")
        if let query = self[queryKey] { return .query(query) }
        guard let relation = self[relationKey] else {
            throw missing(relationKey, "name a relation, or write a SELECT in \(queryKey.path)")
        }
        return .relation(relation)
    }
}
