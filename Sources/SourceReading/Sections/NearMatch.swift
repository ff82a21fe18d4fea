import Holdings

/// Two texts that would be one id if they were written alike.
package struct NearMatch: Sendable {
    /// What they differ in, such as `padding and letter case`.
    package let differences: String
    /// The expressions that make them alike, and where to write them.
    package let remedy: String
    /// Both as they are written, in quotes.
    ///
    /// For the database and for `check`, never for a log.
    package let example: String

    /// As many ids that are not listed are compared with all that are.
    private static let sampleSize = 1000

    /// Looks for two such ids.
    ///
    /// - Parameters:
    ///   - held: Ids of the holdings that are not listed.
    ///   - listed: Ids that are.
    ///   - ids: Has both, as texts.
    ///   - heldColumn: The column of the holdings; nil where their ids are names of columns.
    ///   - listedColumn: The column of the relation that lists them.
    init?(
        held: [Int32], listed: some Sequence<Int32>, in ids: IdentifierTable, heldColumn: SourceColumn?,
        listedColumn: SourceColumn?
    ) {
        // Swift takes texts for equal that differ in the composition of characters.
        var plain: [String: String] = [:]
        for index in held.prefix(Self.sampleSize) {
            let text = ids.text(at: index)
            plain[IDSpelling.allCases.reduce(text) { $1.plain($0) }] = text
        }
        for index in listed {
            let text = ids.text(at: index)
            guard let other = plain[IDSpelling.allCases.reduce(text) { $1.plain($0) }] else { continue }
            self.init(held: other, listed: text, heldColumn: heldColumn, listedColumn: listedColumn)
            return
        }
        return nil
    }

    private init(held: String, listed: String, heldColumn: SourceColumn?, listedColumn: SourceColumn?) {
        let needed = Self.differences(held, listed)
        differences = needed.map(\.rawValue).joined(separator: " and ")
        example = "holdings \(Self.quoted(held)), \(listedColumn?.section ?? "listed") \(Self.quoted(listed))"
        let changes = [(held, heldColumn), (listed, listedColumn)].compactMap { text, column in
            column.flatMap { column in
                Self.expression(column, text, needed).map {
                    "\($0) as \(column.plainName) in \(column.section).query"
                }
            }
        }
        remedy = changes.joined(separator: ", and ")
    }

    /// The fewest differences without which two texts are the same.
    private static func differences(_ first: String, _ second: String) -> [IDSpelling] {
        func areAlike(_ spellings: [IDSpelling]) -> Bool {
            let (first, second) = (
                spellings.reduce(first) { $1.plain($0) }, spellings.reduce(second) { $1.plain($0) }
            )
            return spellings.contains(.composition) ? first == second : first.utf8.elementsEqual(second.utf8)
        }
        return IDSpelling.allCases.reduce(IDSpelling.allCases) { needed, spelling in
            let fewer = needed.filter { $0 != spelling }
            return areAlike(fewer) ? fewer : needed
        }
    }

    /// What to select instead of a column; nil where the id is as it is to be.
    private static func expression(_ column: SourceColumn, _ text: String, _ differences: [IDSpelling]) -> String? {
        var (expression, rest) = (column.plainName, text)
        for spelling in differences {
            let plain = spelling.plain(rest)
            guard !plain.utf8.elementsEqual(rest.utf8) || spelling == .composition else { continue }
            expression = spelling.expression(expression, of: rest)
            rest = plain
        }
        return expression == column.plainName ? nil : expression
    }

    private static func quoted(_ text: String) -> String {
        "\"\(text.unicodeScalars.map { $0.value < 32 ? $0.escaped(asASCII: true) : String($0) }.joined())\""
    }
}

/// What ids are written differently in, and how they are written alike.
private enum IDSpelling: String, CaseIterable {
    case padding
    case decimals
    case zeros = "leading zeros"
    case letterCase = "letter case"
    case composition = "the composition of characters"

    /// A text without what may differ.
    func plain(_ text: String) -> String {
        switch self {
        case .padding:
            let scalars = text.unicodeScalars.drop { $0.properties.isWhitespace }
            let end = scalars.lastIndex { !$0.properties.isWhitespace }
            return end.map { String(scalars[...$0]) } ?? ""
        case .decimals:
            let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, parts[0].allSatisfy(Self.isDigit),
                parts[1].allSatisfy({ $0 == UInt8(ascii: "0") })
            else { return text }
            return String(Substring(parts[0]))
        case .zeros:
            let rest = text.drop { $0 == "0" }
            return rest.isEmpty ? String(text.suffix(1)) : String(rest)
        case .letterCase: return text.lowercased()
        // Of texts that Swift takes for equal.
        case .composition: return text
        }
    }

    /// The SQL of it.
    func expression(_ inner: String, of text: String) -> String {
        switch self {
        case .padding:
            let isBlank = text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace || $0 == " " }
            return isBlank ? "trim(\(inner))" : "btrim(\(inner), e' \\t\\n\\r\\u00a0')"
        case .decimals: return "split_part(\(inner), '.', 1)"
        case .zeros: return "ltrim(\(inner), '0')"
        case .letterCase: return "lower(\(inner))"
        case .composition: return "normalize(\(inner))"
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

extension SourceColumn {
    /// The section of the configuration that asks for it.
    fileprivate var section: String { String(key.prefix { $0 != "." }) }

    /// The name as people write it, in quotes only where it needs them.
    fileprivate var plainName: String {
        let isPlain = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "_")
        }
        return isPlain ? name : quotedName
    }
}
