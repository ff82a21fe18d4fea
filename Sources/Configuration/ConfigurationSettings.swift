import Foundation

/// The values of all keys, with the places that set them: the command line wins over the environment, the environment
/// over the file, and the file over the default.
@dynamicMemberLookup
struct ConfigurationSettings: Sendable {
    /// What is set, by the paths of the keys.
    private var values: [String: (value: any Sendable, location: String)] = [:]
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
        for key in ConfigurationKeys.all {
            if let (value, line) = document.values[key.path] {
                try set(key, to: value, location: "\(fileName):\(line)")
            }
            if let text = environment[key.environmentVariable] {
                try set(key, to: key.parse(text), location: "environment \(key.environmentVariable)")
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
            guard let key = ConfigurationKeys.key(path) else {
                guard !ConfigurationKeys.isPassword(path) else { throw .password(location: "--set") }
                throw ConfigurationKeys.unknown(path, location: "--set")
            }
            let text = String(override[override.index(after: separator)...])
            try set(key, to: key.parse(text), location: "--set \(key.path)")
        }
    }

    /// Restores what a run has recorded, whatever version it was: keys that it did not know yet have their defaults,
    /// under which they change nothing, and those that no longer exist are ignored.
    ///
    /// - Throws: `ConfigurationError` for text that is no record.
    init(recorded json: String) throws(ConfigurationError) {
        fileName = "the record of the run"
        sectionLocations = [:]
        let sections: [String: [String: UntypedValue]]
        do {
            sections = try JSONDecoder().decode([String: [String: UntypedValue]].self, from: Data(json.utf8))
        } catch {
            throw ConfigurationError(code: .syntax, message: "not the JSON of a configuration", location: fileName)
        }
        for key in ConfigurationKeys.all {
            guard let section = key.section, let value = sections[section]?[key.name] else { continue }
            try set(key, to: value, location: fileName)
        }
    }

    private mutating func set(
        _ key: any AnyKey, to raw: UntypedValue, location: String
    ) throws(ConfigurationError) {
        do throws(ValueMismatch) {
            values[key.path] = (try key.read(raw), location)
        } catch {
            throw ConfigurationError(
                code: .invalidValue,
                message: "expected \(key.expectation), found \(error.found)",
                key: key.path + (error.entry?.pathSuffix ?? ""),
                location: error.entry?.line.map { "\(fileName):\($0)" } ?? location
            )
        }
    }

    /// The effective value of a key.
    subscript<Value>(key: Key<Value>) -> Value {
        values[key.path]?.value as? Value ?? key.fallback
    }

    /// The values of a section.
    subscript<Keys>(dynamicMember section: KeyPath<ConfigurationKeys, Keys>) -> ConfigurationSection<Keys> {
        ConfigurationSection(keys: ConfigurationKeys.declared[keyPath: section], settings: self)
    }

    /// The place that set a key, by its path; nil for a default.
    func location(of path: String) -> String? {
        values[path]?.location
    }

    /// The place of a section in the file, or the file when the section is not in it.
    func location(ofSection section: String) -> String {
        sectionLocations[section] ?? fileName
    }

    /// Whether any place sets a key.
    func isSet(_ key: any AnyKey) -> Bool {
        values[key.path] != nil
    }
}

extension UntypedEntry {
    /// What the entry adds to the path of its key; nothing where its name may be a value in the wrong place.
    fileprivate var pathSuffix: String {
        guard let name, name.wholeMatch(of: /[A-Za-z0-9_.-]{1,80}/) != nil else { return "" }
        return "." + name
    }
}
