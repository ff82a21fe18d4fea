import SourceReading

/// Every section of the configuration, in the order of the reference: the only list of sections.
package struct ConfigurationKeys: Sendable {
    package let connection = ConnectionKeys()
    package let holdings = HoldingsKeys()
    package let clients = ClientsKeys()
    package let products = ProductsKeys()
    package let exclusions = ExclusionsKeys()
    package let suitability = SuitabilityKeys()
    package let model = ModelKeys()
    package let hybrid = HybridKeys()
    package let output = OutputKeys()
    package let publish = PublishKeys()
    package let evaluate = EvaluateKeys()
    package let retention = RetentionKeys()
    package let checks = ChecksKeys()
    package let timeouts = TimeoutsKeys()
    package let execution = ExecutionKeys()
    package let scheduling = ScheduleKeys()
    package let retry = RetryKeys()
    package let freshness = FreshnessKeys()
    package let metrics = MetricsKeys()
}

extension SourceMapping {
    /// The sections that say where the sources are.
    ///
    /// - Throws: `ConfigurationError` for missing keys and for keys that exclude each other.
    init(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        self.init(
            holdings: try HoldingsMapping(settings),
            clients: try ClientsMapping(settings),
            products: try ProductsMapping(settings),
            exclusions: settings.exclusions.query.map(ExclusionsMapping.init(query:)),
            riskLevels: settings.suitability.levels,
            rowSecurity: settings.checks.rowSecurity
        )
        try settings.checkSuitability()
    }
}

/// A section of the configuration; its stored properties are its keys, in the order of the reference.
package protocol KeySection: Sendable {
    /// What its keys can change, unless a key says something else.
    var changes: KeyEffect { get }
}

extension KeySection {
    package var changes: KeyEffect { .result }

    var keys: [any AnyKey] { Mirror(reflecting: self).children.compactMap { $0.value as? any AnyKey } }
}

extension ConfigurationKeys {
    static let declared = ConfigurationKeys()

    static let sections = Mirror(reflecting: declared).children.compactMap { $0.value as? any KeySection }

    static let all = sections.flatMap(\.keys)

    /// The names of the sections.
    static let sectionNames = all.compactMap(\.section).reduce(into: [String]()) { names, name in
        if names.last != name { names.append(name) }
    }

    /// Sections inside sections, by their paths, such as `holdings.sides`.
    static let groups = Set(
        all.compactMap { key in
            let parts = key.path.split(separator: ".")
            return parts.count > 2 ? parts.dropLast().joined(separator: ".") : nil
        })

    private static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })

    static func key(_ path: String) -> (any AnyKey)? { byPath[path] }

    /// The reference of all keys as a Markdown table.
    static var referenceMarkdown: String {
        let rows = all.map { key in
            let fallback = key.fallbackText.map { $0.isEmpty ? "" : "`\($0)`" } ?? ""
            return "| `\(key.path)` | \(fallback) | \(key.expectation) | \(key.summary) |"
        }
        return (["| key | default | value | meaning |", "|---|---|---|---|"] + rows).joined(separator: "\n") + "\n"
    }
}
