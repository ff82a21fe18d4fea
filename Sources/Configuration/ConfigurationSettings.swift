import Scheduling
import SourceReading

/// The value of every key, with the place that set it: the command line wins over the environment, the environment over
/// the file, and the file over the default.
struct ConfigurationSettings: Sendable {
    private var values: [ConfigurationKey: ConfigurationValue] = [:]
    private var locations: [ConfigurationKey: String] = [:]
    private let sectionLocations: [String: String]
    private let fileName: String

    /// Combines all places that can set a key.
    ///
    /// - Parameters:
    ///   - document: The file.
    ///   - fileName: The file's name for messages.
    ///   - environment: Environment variables; those that are no key's are ignored.
    ///   - overrides: `KEY=VALUE` each; of several for one key the last wins.
    /// - Throws: `ConfigurationError` for a value that its key cannot hold, also where another place overrides it.
    init(
        document: ConfigurationDocument,
        fileName: String,
        environment: [String: String],
        overrides: [String]
    ) throws(ConfigurationError) {
        self.fileName = fileName
        sectionLocations = document.sectionLines.mapValues { "\(fileName):\($0)" }
        for key in ConfigurationKey.allCases {
            if let fallback = key.definition.fallback {
                try set(key, to: key.untypedValue(from: fallback), location: nil)
            }
            if let (value, line) = document.values[key] {
                try set(key, to: value, location: "\(fileName):\(line)")
            }
            if let text = environment[key.environmentVariable] {
                try set(key, to: key.untypedValue(from: text), location: "environment \(key.environmentVariable)")
            }
        }
        for override in overrides {
            guard let separator = override.firstIndex(of: "=") else {
                throw ConfigurationError(
                    code: .invalidValue,
                    message: "expected KEY=VALUE, such as model.k=100",
                    location: "--set"
                )
            }
            let path = String(override[..<separator])
            guard let key = ConfigurationKey(rawValue: path) else {
                guard !ConfigurationKey.isPassword(path) else { throw .password(location: "--set") }
                throw ConfigurationKey.unknown(path, location: "--set")
            }
            let text = String(override[override.index(after: separator)...])
            try set(key, to: key.untypedValue(from: text), location: "--set \(key.rawValue)")
        }
    }

    private mutating func set(
        _ key: ConfigurationKey,
        to raw: UntypedValue,
        location: String?
    ) throws(ConfigurationError) {
        let type = key.definition.type
        do throws(ValueMismatch) {
            values[key] = try type.value(of: raw)
        } catch {
            throw ConfigurationError(
                code: .invalidValue,
                message: "expected \(type.expectation), found \(error.found)",
                key: key.rawValue + (error.entry?.pathSuffix ?? ""),
                location: error.entry?.line.map { "\(fileName):\($0)" } ?? location
            )
        }
        locations[key] = location
    }

    /// The effective value, or `.absent`.
    subscript(key: ConfigurationKey) -> ConfigurationValue {
        values[key] ?? .absent
    }

    /// The place that set a key, or nil for a default.
    func location(of key: ConfigurationKey) -> String? {
        locations[key]
    }

    /// The place of a section in the file, or the file when the section is not in it.
    func location(ofSection section: String) -> String {
        sectionLocations[section] ?? fileName
    }

    /// Whether any key of a section is set.
    func has(section: String) -> Bool {
        locations.keys.contains { $0.section == section }
    }

    /// The text of a key, or nil when it is absent.
    func text(_ key: ConfigurationKey) -> String? {
        guard case .text(let text) = self[key] else { return nil }
        return text
    }

    /// The names of a list, or nil when the key is absent.
    func names(_ key: ConfigurationKey) -> [String]? {
        guard case .names(let names) = self[key] else { return nil }
        return names
    }

    /// The weighted columns of a key, or none.
    func weights(_ key: ConfigurationKey) -> [AttributeMapping] {
        guard case .weights(let weights) = self[key] else { return [] }
        return weights
    }

    /// The relation of a key, or nil when it is absent.
    func relation(_ key: ConfigurationKey) -> RelationName? {
        guard case .relation(let name) = self[key] else { return nil }
        return name
    }

    /// The relation or statement of a key, or nil when it is absent.
    func source(_ key: ConfigurationKey) -> SourceRelation? {
        relation(key).map(SourceRelation.relation) ?? text(key).map(SourceRelation.query)
    }

    /// The number of a key, or nil when it is absent.
    func optionalInteger(_ key: ConfigurationKey) -> Int? {
        guard case .integer(let number) = self[key] else { return nil }
        return number
    }

    /// The number of a key with a default.
    func integer(_ key: ConfigurationKey) -> Int {
        guard case .integer(let number) = self[key] else { preconditionFailure("\(key) is not a whole number") }
        return number
    }

    /// The number of a key with a default.
    func number(_ key: ConfigurationKey) -> Double {
        guard case .number(let number) = self[key] else { preconditionFailure("\(key) is not a number") }
        return number
    }

    /// The truth of a key with a default.
    func boolean(_ key: ConfigurationKey) -> Bool {
        guard case .boolean(let isTrue) = self[key] else { preconditionFailure("\(key) is not true or false") }
        return isTrue
    }

    /// The duration of a key with a default.
    func duration(_ key: ConfigurationKey) -> Duration {
        guard case .duration(let duration) = self[key] else { preconditionFailure("\(key) is not a duration") }
        return duration
    }

    /// The expressions of a key, or none.
    func cron(_ key: ConfigurationKey) -> [CronExpression] {
        guard case .cron(let expressions) = self[key] else { return [] }
        return expressions
    }

    /// The clock of a key with a default.
    func clock(_ key: ConfigurationKey) -> WallClock {
        guard case .clock(let clock) = self[key] else { preconditionFailure("\(key) is not a time zone") }
        return clock
    }

    /// The word of a key with a default, as the enumeration that its words come from.
    func choice<Choice: RawRepresentable<String>>(_ key: ConfigurationKey, as _: Choice.Type = Choice.self) -> Choice {
        guard let word = text(key), let choice = Choice(rawValue: word) else {
            preconditionFailure("\(key) is not one of its own words")
        }
        return choice
    }
}

extension ConfigurationKey {
    /// The raw value of text from outside a file, where lists are separated by commas, in brackets or without.
    fileprivate func untypedValue(from text: String) -> UntypedValue {
        switch definition.type {
        case .names, .columns, .words, .weights:
            if let value = UntypedValue(flow: text) { return value }
            if case .weights = definition.type { break }
            guard text.contains(",") else { break }
            return .list(text.split(separator: ",", omittingEmptySubsequences: false).map(String.init))
        default: break
        }
        return text.isEmpty ? .nothing("") : .text(text, isQuoted: false)
    }
}
