import Foundation

extension UntypedValue {
    /// The value as canonical JSON: without white space, members in the order of their names by bytes; nil for nothing.
    var json: String? {
        switch self {
        case .text(let text, isQuoted: true): Self.json(text)
        case .text(let text, isQuoted: false): text
        case .list(let texts): "[" + texts.map(Self.json).joined(separator: ",") + "]"
        case .section(let entries):
            "{"
                + entries.compactMap { entry in entry.name.flatMap { name in entry.value.json.map { (name, $0) } } }
                .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
                .map { "\(Self.json($0.0)):\($0.1)" }.joined(separator: ",") + "}"
        case .nothing, .listOfSections: nil
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

extension UntypedValue: Decodable {
    /// Reads a value back from JSON.
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let isTrue = try? container.decode(Bool.self) {
            self = .text("\(isTrue)", isQuoted: false)
        } else if let number = try? container.decode(Double.self) {
            self = .text(ValueFormat<Double>.shortest(number), isQuoted: false)
        } else if let text = try? container.decode(String.self) {
            // What is text in JSON, such as a duration, need not be in quotes in a file.
            self = .text(text, isQuoted: false)
        } else if let texts = try? container.decode([String].self) {
            self = .list(texts)
        } else {
            self = .section(
                try container.decode([String: UntypedValue].self).map { UntypedEntry(name: $0.key, value: $0.value) })
        }
    }
}
