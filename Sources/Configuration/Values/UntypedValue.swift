/// A value as it stands in a file, in the environment or on the command line, before its key gives it a type.
enum UntypedValue: Sendable {
    /// Text; `isQuoted` when the file puts it in quotes or in a block, so that it cannot be a number.
    case text(String, isQuoted: Bool)
    case list([String])
    /// An empty value, `~` or `null`, with the text as written.
    case nothing(String)
    case section([UntypedEntry])
    case listOfSections
}

/// A key of a section that a value consists of.
struct UntypedEntry: Sendable {
    /// The key, or nil where it is no text.
    let name: String?
    let value: UntypedValue
    /// The line in the file, from 1; nil for text from outside a file.
    var line: Int?
}

/// A value that its key cannot hold.
struct ValueMismatch: Error {
    /// What was found instead: the kind of the value, never the value.
    let found: String
    /// The entry of the value that it is about, if it is about one.
    var entry: UntypedEntry?
}

extension UntypedValue {
    /// Text from outside a file.
    static func outside(_ text: String) -> UntypedValue {
        text.isEmpty ? .nothing("") : .text(text, isQuoted: false)
    }

    /// A section from outside a file: in braces, or whatever else the key takes.
    static func outsideSection(_ text: String) -> UntypedValue {
        UntypedValue(flow: text) ?? outside(text)
    }

    /// A list from outside a file: separated by commas, in brackets or without.
    static func outsideList(_ text: String) -> UntypedValue {
        if let value = UntypedValue(flow: text) { return value }
        guard text.contains(",") else { return outside(text) }
        return .list(text.split(separator: ",", omittingEmptySubsequences: false).map(String.init))
    }

    /// The text of a scalar.
    func text() throws(ValueMismatch) -> String {
        switch self {
        case .text(let text, _):
            guard !text.utf8.contains(0) else { throw ValueMismatch(found: "text with the character NUL") }
            return text
        case .nothing: throw ValueMismatch(found: "nothing")
        case .list, .listOfSections: throw ValueMismatch(found: "a list")
        case .section: throw ValueMismatch(found: "a section")
        }
    }

    /// The text of a scalar that is not in quotes.
    func unquotedText() throws(ValueMismatch) -> String {
        if case .text(_, isQuoted: true) = self { throw ValueMismatch(found: "text in quotes") }
        return try text()
    }

    /// The text of a name, which may be a word that YAML takes for nothing, such as `null`.
    func nameText() throws(ValueMismatch) -> String {
        if case .nothing(let written) = self, !written.isEmpty { return written }
        return try text()
    }
}

extension String {
    func trimmingWhitespace() -> String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
