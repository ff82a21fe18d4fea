internal import Yams

/// The keys and raw values of one configuration file, with their lines.
struct ConfigurationDocument {
    /// The values that the file sets by the paths of their keys, each with its line (from 1).
    private(set) var values: [String: (value: UntypedValue, line: Int)] = [:]
    /// The lines of the sections that are in the file.
    private(set) var sectionLines: [String: Int] = [:]
    private let fileName: String

    /// Reads a file's text.
    ///
    /// - Parameters:
    ///   - yaml: The text; a byte order mark at its start is ignored.
    ///   - fileName: The file's name for messages.
    /// - Throws: `ConfigurationError` for bad syntax, an empty file, unknown and repeated keys, and keys for passwords.
    init(yaml: String, fileName: String) throws(ConfigurationError) {
        self.fileName = fileName
        let text = String(yaml.unicodeScalars.drop { $0 == "\u{FEFF}" })
        guard let root = try Self.compose(text, fileName: fileName), !root.isNothing else {
            throw ConfigurationError(
                code: .syntax,
                message: "the file is empty; a minimal one is: \(ServiceConfiguration.minimalExample)",
                location: fileName
            )
        }
        guard case .mapping(let sections) = root else {
            throw ConfigurationError(
                code: .syntax,
                message: "expected keys such as connection and holdings, found \(root.kindInWords)",
                location: place(of: root)
            )
        }
        try refusePasswords(in: root, path: [])
        var seen: Set<String> = []
        for (keyNode, node) in sections {
            let name = try keyText(keyNode, in: nil)
            guard seen.insert(name).inserted else { throw duplicate(name, at: keyNode) }
            if ConfigurationKeys.sectionNames.contains(name) {
                sectionLines[name] = keyNode.mark?.line
                try readSection(name, node)
            } else {
                try set(name, to: node, at: keyNode, in: nil)
            }
        }
    }

    private mutating func readSection(_ section: String, _ node: Node) throws(ConfigurationError) {
        // A section whose every key is commented out.
        if node.isNothing { return }
        guard case .mapping(let entries) = node else {
            throw ConfigurationError(
                code: .invalidValue,
                message: "expected a section with keys, found \(node.kindInWords)",
                key: section,
                location: place(of: node)
            )
        }
        var seen: Set<String> = []
        for (keyNode, value) in entries {
            let path = "\(section).\(try keyText(keyNode, in: section))"
            guard seen.insert(path).inserted, values[path] == nil else { throw duplicate(path, at: keyNode) }
            if ConfigurationKeys.groups.contains(path) {
                try readSection(path, value)
            } else {
                try set(path, to: value, at: keyNode, in: section.split(separator: ".").first.map(String.init))
            }
        }
    }

    private mutating func set(
        _ path: String,
        to node: Node,
        at keyNode: Node,
        in section: String?
    ) throws(ConfigurationError) {
        guard let key = ConfigurationKeys.key(path), key.section == section else {
            throw ConfigurationKeys.unknown(path, location: place(of: keyNode))
        }
        values[path] = (node.untypedValue, keyNode.mark?.line ?? 1)
    }

    private func keyText(_ node: Node, in section: String?) throws(ConfigurationError) -> String {
        guard case .scalar(let scalar) = node else {
            throw ConfigurationError(
                code: .unknownKey,
                message: "expected a key, found \(node.kindInWords)",
                key: section,
                location: place(of: node)
            )
        }
        return scalar.string
    }

    private func duplicate(_ path: String, at node: Node) -> ConfigurationError {
        .duplicate(path, location: place(of: node))
    }

    private func place(of node: Node) -> String {
        "\(fileName):\(node.mark?.line ?? 1)"
    }

    /// Refuses a key for a password wherever a value could hide one.
    private func refusePasswords(in node: Node, path: [String]) throws(ConfigurationError) {
        // Nothing that is valid nests deeper, and aliases could make a full walk endless.
        guard path.count < 4 else { return }
        if case .sequence(let items) = node {
            for item in items { try refusePasswords(in: item, path: path + ["[]"]) }
        }
        guard case .mapping(let entries) = node else { return }
        for (keyNode, value) in entries {
            let name = keyNode.scalar?.string ?? ""
            guard !ConfigurationKeys.isPassword(name) else { throw .password(location: place(of: keyNode)) }
            try refusePasswords(in: value, path: path + [name])
        }
    }
}

extension ConfigurationDocument {
    private static func compose(_ yaml: String, fileName: String) throws(ConfigurationError) -> Node? {
        guard !yaml.isEmpty else { return nil }
        guard !yaml.mayMultiplyAliases else {
            throw ConfigurationError(
                code: .syntax,
                message: "more than \(String.mostAliases) aliases such as *name; write out what they stand for",
                location: fileName
            )
        }
        do {
            return try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw syntaxError(error, in: yaml, fileName: fileName)
        } catch {
            throw ConfigurationError(code: .syntax, message: "the file is not YAML", location: fileName)
        }
    }

    /// The parser's message without the excerpt of the file that its own description would show.
    private static func syntaxError(_ error: YamlError, in yaml: String, fileName: String) -> ConfigurationError {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let words = [context?.text, problem].compactMap(\.self).joined(separator: ", ")
            return ConfigurationError(
                code: .syntax,
                message:
                    "not valid YAML: \(words); a value with characters that mean something in YAML belongs in quotes",
                location: "\(fileName):\(mark.line)"
            )
        case .duplicatedKeysInMapping(let keys, let context):
            return .duplicate(keys.first ?? "", location: "\(fileName):\(context.mark.line)")
        case .reader(let problem, let offset, _, _):
            let line = offset.map { 1 + yaml.prefix($0).count(where: \.isNewline) }
            return ConfigurationError(
                code: .syntax,
                message: "not valid YAML: \(problem)",
                location: line.map { "\(fileName):\($0)" } ?? fileName
            )
        default:
            return ConfigurationError(code: .syntax, message: "the file is not YAML", location: fileName)
        }
    }
}

extension UntypedValue {
    /// Reads a list or a section in the braces of YAML, as people write it on a command line too.
    ///
    /// - Returns: Nil for text without brackets or braces, and for text that is no YAML.
    init?(flow text: String) {
        guard ["[", "{"].contains(text.first), !text.mayMultiplyAliases, let node = try? Yams.compose(yaml: text),
            node.scalar == nil
        else {
            return nil
        }
        self = node.untypedValue
    }
}

extension String {
    /// Aliases that a text may have.
    ///
    /// However they are nested, a node with so many stands for less than 10,000 others: of n aliases, shared among k
    /// anchors, at most (n/k)^k, which is at most e^(n/e).
    fileprivate static let mostAliases = 24

    /// Whether the text may have so many aliases of aliases that walking, or only comparing, what they stand for would
    /// never end ("billion laughs").
    ///
    /// Counts what looks like an alias, in quotes and comments as well: the parser compares keys before it returns.
    fileprivate var mayMultiplyAliases: Bool {
        var (count, previous, isStar) = (0, UInt8(ascii: " "), false)
        for byte in utf8 {
            let isName = (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || "_-".utf8.contains(byte)
            if isStar, isName { count += 1 }
            // Where a node may begin. Unicode has line breaks of its own.
            isStar = byte == UInt8(ascii: "*") && (previous >= 0x80 || " \t\r\n[{,:?-".utf8.contains(previous))
            previous = byte
        }
        return count > Self.mostAliases
    }
}

extension Node {
    /// Whether the node is an empty value, `~` or `null`.
    fileprivate var isNothing: Bool {
        guard scalar != nil, case .nothing = untypedValue else { return false }
        return true
    }

    fileprivate var untypedValue: UntypedValue {
        switch self {
        case .scalar(let scalar):
            guard scalar.style == .plain || scalar.style == .any else { return .text(scalar.string, isQuoted: true) }
            return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
                ? .nothing(scalar.string) : .text(scalar.string, isQuoted: false)
        case .sequence(let items):
            let texts = items.compactMap(\.scalar?.string)
            return texts.count == items.count ? .list(texts) : .listOfSections
        case .mapping(let entries):
            return .section(
                entries.map { key, value in
                    // No deeper: nothing that is valid nests further, and aliases could make a full walk endless.
                    let isScalar = value.scalar != nil
                    return UntypedEntry(
                        name: key.scalar?.string, value: isScalar ? value.untypedValue : value.emptyValue,
                        line: key.mark?.line)
                })
        case .alias: return .nothing("")
        }
    }

    /// A value of the node's kind without what is in it.
    private var emptyValue: UntypedValue {
        switch self {
        case .scalar, .alias: .nothing("")
        case .sequence: .list([])
        case .mapping: .section([])
        }
    }

    fileprivate var kindInWords: String {
        switch self {
        case .scalar: isNothing ? "nothing" : "text"
        case .sequence: "a list"
        case .mapping: "a section"
        case .alias: "an alias"
        }
    }
}
