import SourceReading

extension ProposedSection {
    /// The section in lines of YAML, with what to know about it as comments, and other readings commented out.
    var lines: [String] {
        var lines = notes.flatMap { Self.comment($0) } + body
        for other in others {
            lines += ["", "# Or, \(Self.singleLine(other.why)):"] + other.section.notes.flatMap { Self.comment($0) }
            lines += other.section.body.map { "#\($0)" }
        }
        return lines
    }

    /// The section without what is said about it above.
    private var body: [String] {
        let isSet = source != nil || entries.contains(where: \.isSet)
        var lines = ["\(isSet ? "" : "#")\(name):"]
        switch source {
        case .relation(let relation)?: lines.append("  relation: \("\(relation)".yamlQuoted)")
        case .query(let text)?: lines += Self.block("query", text)
        case nil: break
        }
        for entry in entries {
            if let why = entry.why { lines += Self.comment(why, indented: "  ") }
            lines.append("\(entry.isSet ? "  " : "#  ")\(entry.key): \(entry.value.yaml)")
        }
        return lines
    }

    /// A statement in its lines, or in one where it has characters that YAML would change.
    private static func block(_ key: String, _ text: String) -> [String] {
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "\n", " "..."~", "\u{A1}"..."\u{2027}", "\u{2030}"..."\u{D7FF}", "\u{E000}"..."\u{FEFE}": true
            default: false
            }
        }
        guard isPlain else { return ["  \(key): \(text.yamlQuoted)"] }
        return ["  \(key): |"] + text.split(separator: "\n").map { "    \($0)" }
    }

    /// A sentence as comments of at most 120 columns.
    static func comment(_ text: String, indented indentation: String = "") -> [String] {
        var lines: [String] = []
        for word in singleLine(text).split(separator: " ") {
            if let last = lines.last, last.count + word.count < 116 {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append("\(indentation)# \(word)")
            }
        }
        return lines
    }

    /// Text that stays in its line.
    private static func singleLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }
}

extension ProposedSection.Value {
    /// The value as YAML writes it in one line.
    fileprivate var yaml: String {
        switch self {
        case .name(let name): name.yamlQuoted
        case .names(let names): "[\(names.map(\.yamlQuoted).joined(separator: ", "))]"
        case .word(let word): word
        case .weights(let weights):
            "{\(weights.sorted { $0.key < $1.key }.map { "\($0.key.yamlQuoted): \($0.value)" }.joined(separator: ", "))}"
        case .lists(let lists):
            "{"
                + lists.sorted { $0.key < $1.key }.map { key, words in
                    "\(key): [\(words.map(\.yamlQuoted).joined(separator: ", "))]"
                }.joined(separator: ", ") + "}"
        }
    }
}
