/// The name of a table, view or foreign table, with its schema where one is given.
///
/// The parts are the names that PostgreSQL keeps, not SQL text: they are quoted when a statement is built, so any
/// character but NUL may occur in them and upper case stays upper case.
public struct RelationName: Sendable, Hashable {
    /// The schema, or nil when the connection's `search_path` decides.
    public var schema: String?
    /// The relation's own name, never empty.
    public var name: String

    /// Creates a name from the parts as PostgreSQL keeps them.
    ///
    /// - Throws: `InvalidRelationName` for a part that no relation can have.
    public init(schema: String? = nil, name: String) throws(InvalidRelationName) {
        if let schema {
            try Self.check(part: schema)
            // By bytes, as PostgreSQL does: to Swift, what joins the underscore makes it another character.
            guard !schema.utf8.starts(with: "pg_".utf8) else { throw InvalidRelationName(reason: .systemSchema) }
        }
        try Self.check(part: name)
        self.schema = schema
        self.name = name
    }

    /// Reads `name` or `schema.name`, where a part may stand in double quotes as in SQL.
    ///
    /// Unlike SQL, a part without quotes is taken as written: `Dwh.Holdings` is not folded to lower case. Quotes are
    /// needed only for a part with a dot, a double quote, or white space at its ends: `"My ""odd"" schema".T`.
    ///
    /// - Throws: `InvalidRelationName` for empty parts, more than two parts, unbalanced quotes, NUL, a part longer than
    ///   63 bytes, and the schemas that belong to PostgreSQL itself (`pg_temp`, `pg_catalog`, …).
    public init(parsing text: String) throws(InvalidRelationName) {
        var parts: [String] = []
        var rest = text.unicodeScalars[...]
        while true {
            parts.append(try Self.readPart(from: &rest))
            guard let separator = rest.popFirst() else { break }
            guard separator == "." else { throw InvalidRelationName(reason: .textAfterQuotes) }
        }
        switch parts.count {
        case 1: try self.init(name: parts[0])
        case 2: try self.init(schema: parts[0], name: parts[1])
        default: throw InvalidRelationName(reason: .tooManyParts)
        }
    }

    /// Reads one part and leaves `rest` at the dot after it, or at the end.
    private static func readPart(from rest: inout Substring.UnicodeScalarView) throws(InvalidRelationName) -> String {
        var part = String.UnicodeScalarView()
        guard rest.first == "\"" else {
            while let scalar = rest.first, scalar != "." {
                guard scalar != "\"" else { throw InvalidRelationName(reason: .strayQuote) }
                part.append(scalar)
                rest.removeFirst()
            }
            if let first = part.first, let last = part.last,
                first.properties.isWhitespace || last.properties.isWhitespace
            {
                throw InvalidRelationName(reason: .outerWhitespace)
            }
            return String(part)
        }
        rest.removeFirst()
        while let scalar = rest.popFirst() {
            if scalar == "\"" {
                guard rest.first == "\"" else { return String(part) }
                rest.removeFirst()
            }
            part.append(scalar)
        }
        throw InvalidRelationName(reason: .unclosedQuote)
    }

    private static func check(part: String) throws(InvalidRelationName) {
        guard !part.isEmpty else { throw InvalidRelationName(reason: .emptyPart) }
        guard !part.utf8.contains(0) else { throw InvalidRelationName(reason: .nul) }
        // The server would cut a longer name to 63 bytes and read whatever relation has the shorter name.
        guard part.utf8.count <= 63 else { throw InvalidRelationName(reason: .tooLong) }
    }
}

extension RelationName: CustomStringConvertible {
    /// The name in the form that `init(parsing:)` reads back to an equal value, quoted only where it must be.
    ///
    /// For messages and records; statements quote with libpq.
    public var description: String {
        [schema, name].compactMap(\.self).map(Self.quotedWhereNeeded).joined(separator: ".")
    }

    private static func quotedWhereNeeded(_ part: String) -> String {
        let scalars = part.unicodeScalars
        let isPlain =
            !scalars.contains { $0 == "." || $0 == "\"" }
            && scalars.first?.properties.isWhitespace == false
            && scalars.last?.properties.isWhitespace == false
        guard !isPlain else { return part }
        return scalars.reduce(into: "\"") { quoted, scalar in
            quoted += scalar == "\"" ? "\"\"" : String(scalar)
        } + "\""
    }
}

/// Text that cannot be the name of a relation.
public struct InvalidRelationName: Error, Hashable, CustomStringConvertible {
    /// What is wrong with the text.
    public enum Reason: Sendable, Hashable, CaseIterable {
        /// A part has no characters.
        case emptyPart
        /// There are more than two parts.
        case tooManyParts
        /// A double quote stands inside a part without quotes.
        case strayQuote
        /// A part in double quotes does not end.
        case unclosedQuote
        /// Something other than a dot follows a closing quote.
        case textAfterQuotes
        /// A part without quotes begins or ends with white space.
        case outerWhitespace
        /// A part contains the character NUL.
        case nul
        /// A part is longer than 63 bytes.
        case tooLong
        /// The schema is one of PostgreSQL's own.
        case systemSchema
    }

    /// What is wrong with the text.
    public let reason: Reason

    /// Creates an error.
    public init(reason: Reason) {
        self.reason = reason
    }

    /// The reason in words, in a form that fits after "expected `schema.name`, found".
    public var description: String {
        switch reason {
        case .emptyPart: "an empty name"
        case .tooManyParts: "more than two parts; a part with a dot in it belongs in double quotes"
        case .strayQuote: "a double quote inside a name; put the whole part in double quotes and double the inner one"
        case .unclosedQuote: "a double quote that is never closed"
        case .textAfterQuotes: "text between a closing double quote and the dot"
        case .outerWhitespace: "white space around a name; remove it or put the part in double quotes"
        case .nul: "a name with the character NUL"
        case .tooLong: "a name longer than PostgreSQL's 63 bytes"
        case .systemSchema: "a schema that begins with pg_, which PostgreSQL keeps for itself"
        }
    }
}
