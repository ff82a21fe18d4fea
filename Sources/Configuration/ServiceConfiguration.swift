package import PeerSearch
package import SourceReading

/// The configuration of the service: one YAML file, with every key open to an environment variable and to `--set`.
///
/// It has a property for each section of ``ConfigurationKeys``, and in it one for each key: `configuration.output.topN`.
@dynamicMemberLookup
package struct ServiceConfiguration: Sendable {
    /// Where the warehouse keeps what a run reads.
    package let source: SourceMapping
    /// How peers are found.
    package let model: PeerModel
    /// How the score of a product is made of several signals.
    package let hybrid: Hybrid
    /// How old the sources may be; nil where nobody asks.
    package let freshness: Freshness?

    let settings: ConfigurationSettings

    /// Reads a configuration from the text of a file and from the places that override it.
    ///
    /// - Parameters:
    ///   - yaml: The text of the file.
    ///   - fileName: The file's name for messages.
    ///   - environment: Environment variables such as `PEERFOLIO_MODEL_K`; those that are no key's are ignored.
    ///   - overrides: `KEY=VALUE` each, such as `model.k=100`; of several for one key the last wins.
    /// - Throws: `ConfigurationError` for the first mistake.
    package init(
        yaml: String,
        fileName: String = "peerfolio.yaml",
        environment: [String: String] = [:],
        overrides: [String] = []
    ) throws(ConfigurationError) {
        settings = try ConfigurationSettings(
            document: try ConfigurationDocument(yaml: yaml, fileName: fileName),
            fileName: fileName,
            environment: environment,
            overrides: overrides
        )
        source = try SourceMapping(settings)
        model = PeerModel(settings.model)
        try settings.checkHybrid(source)
        hybrid = Hybrid(settings)
        freshness = try Freshness(settings, source: source)
    }

    /// The values of a section.
    package subscript<Keys>(dynamicMember section: KeyPath<ConfigurationKeys, Keys>) -> ConfigurationSection<Keys> {
        settings[dynamicMember: section]
    }

    /// The place that set a key, for messages about what it names.
    ///
    /// - Parameter key: The key's path, such as `holdings.client`.
    /// - Returns: `peerfolio.yaml:3`, `environment PEERFOLIO_MODEL_K` or `--set model.k`; nil for a default and for a
    ///   key that does not exist.
    package func location(of key: String) -> String? {
        settings.location(of: key)
    }

    /// The effective values that can change a result, as canonical JSON for the run log and its hash.
    ///
    /// Sections and keys are sorted, absent keys are left out, numbers have their shortest form, and there is no white
    /// space, so equal configurations give equal bytes however they were written. The connection, timeouts and
    /// execution are not part of it.
    package func recordedJSON() -> String {
        settings.json { $0 != .nothing }
    }

    /// The part of it that decides scores: what a calibration belongs to.
    package func modelJSON() -> String {
        settings.json { $0 == .scores }
    }

    /// All keys with their defaults, environment variables and meanings, as a Markdown table for the documentation.
    package static var referenceMarkdown: String {
        ConfigurationKeys.referenceMarkdown
    }

    /// The smallest file that works, in one line.
    static let minimalExample =
        "{connection: \"service=warehouse\", holdings: {relation: dwh.client_holdings, client: client_id, "
        + "product: product_id, amount: market_value}}"
}

extension ConfigurationSettings {
    /// The effective values of some keys as canonical JSON.
    func json(_ isIncluded: (KeyEffect) -> Bool) -> String {
        var sections: [String: [UntypedEntry]] = [:]
        for section in ConfigurationKeys.sections {
            for key in section.keys where isIncluded(key.changes ?? section.changes) {
                let entry = UntypedEntry(name: key.name, value: key.written(in: self))
                if let section = key.section, entry.value.json != nil { sections[section, default: []].append(entry) }
            }
        }
        return UntypedValue.section(sections.map { UntypedEntry(name: $0.key, value: .section($0.value)) }).json ?? ""
    }
}
