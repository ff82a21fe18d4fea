import Scheduling
import SourceReading

extension ServiceConfiguration {
    /// The effective values that can change a result, as canonical JSON for the run log and its hash.
    ///
    /// Sections and keys are sorted, absent keys are left out, numbers have their shortest form, and there is no white
    /// space, so equal configurations give equal bytes however they were written. The connection, timeouts and
    /// execution are not part of it.
    public func recordedJSON() -> String {
        json { $0.isRecorded }
    }

    /// The part of it that decides scores: what a calibration belongs to.
    package func modelJSON() -> String {
        let deciding = ["holdings", "clients", "model", "hybrid", "evaluate"]
        // How long lists are decides which scores a calibration has seen.
        return json { $0.isRecorded && (deciding.contains($0.section ?? "") || $0 == .outputTopN) }
    }

    private func json(_ isIncluded: (ConfigurationKey) -> Bool) -> String {
        var sections: [String: [(name: String, value: String)]] = [:]
        for key in ConfigurationKey.allCases where isIncluded(key) {
            guard let section = key.section, let value = Self.json(settings[key]) else { continue }
            sections[section, default: []].append((key.name, value))
        }
        return Self.json(sections.map { ($0.key, Self.json($0.value)) })
    }

    /// An object with its members in the order of their names.
    private static func json(_ members: [(name: String, value: String)]) -> String {
        let sorted = members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return "{" + sorted.map { "\(json($0.name)):\($0.value)" }.joined(separator: ",") + "}"
    }

    private static func json(_ value: ConfigurationValue) -> String? {
        switch value {
        case .text(let text): json(text)
        case .names(let names): "[" + names.map(json).joined(separator: ",") + "]"
        case .weights(let weights): json(weights.map { ($0.column, ConfigurationType.shortest($0.weight)) })
        case .relation(let name): json(name.description)
        case .integer(let number): "\(number)"
        case .number(let number): ConfigurationType.shortest(number)
        case .boolean(let isTrue): isTrue ? "true" : "false"
        case .duration(let duration): json(duration.description)
        case .cron(let expressions): "[" + expressions.map { json($0.text) }.joined(separator: ",") + "]"
        case .clock(let clock): json(clock.zoneName)
        case .absent: nil
        }
    }

    private static func json(_ text: String) -> String {
        let escaped = text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case ..<" ":
                let hex = String(scalar.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "\"\(escaped)\""
    }
}
