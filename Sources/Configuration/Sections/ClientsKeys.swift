import SourceReading

/// Where the warehouse keeps clients.
package struct ClientsKeys: KeySection {
    let relation = Key("clients.relation", .relation, "Relation with the clients, those without holdings included.")
    let query = Key("clients.query", .query, "Or any `SELECT` of the clients; may use `:as_of`.")
    let id = Key("clients.id", .name, "Column with the client's id.")
    let manager = Key("clients.manager", .name, "Column with the name of the client's manager.")
    let risk = Key("clients.risk", .name, "Column with the highest risk that the client may take.")
    let qualified = Key("clients.qualified", .name, "Boolean column: is the client qualified?")
    let segment = Key("clients.segment", .name, "Column with the segment that the client is in, of any type.")
    let attributes = Key(
        "clients.attributes", .weights, default: [],
        "Columns of clients that take part in the distance, with what each counts.")

    package var changes: KeyEffect { .scores }
}

extension ClientsMapping {
    /// Nil when the section is absent.
    ///
    /// - Throws: `ConfigurationError` for missing keys and for keys that exclude each other.
    init?(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        guard settings.clients.isSet else { return nil }
        let keys = settings.clients.keys
        self.init(
            source: try settings.source(keys.relation, keys.query),
            id: try settings.required(keys.id),
            manager: settings[keys.manager],
            segment: settings[keys.segment],
            attributes: settings[keys.attributes],
            risk: settings[keys.risk],
            qualified: settings[keys.qualified]
        )
    }
}
