import SourceReading

extension ValueFormat<String> {
    private init(_ expectation: String, read: @escaping @Sendable (UntypedValue) throws(ValueMismatch) -> String) {
        self.init(expectation, write: { .text($0, isQuoted: true) }, read: read)
    }

    static var text: Self {
        Self("text") { raw throws(ValueMismatch) in
            if case .nothing = raw { "" } else { try raw.text() }
        }
    }

    static var query: Self {
        Self("a SELECT statement") { raw throws(ValueMismatch) in try statement(raw) }
    }

    /// The name of a column.
    static var name: Self { name("the name of a column") }

    /// The name of a channel of `NOTIFY`.
    static var notifyChannel: Self { name("the name of a channel") }

    private static func name(_ expectation: String) -> Self {
        Self(expectation) { raw throws(ValueMismatch) in try columnName(raw.nameText()) }
    }

    /// The name of a channel of publications.
    static var channel: Self {
        Self("a name of 1 to 63 characters from a-z, 0-9 and _") { raw throws(ValueMismatch) in
            let name = try raw.nameText()
            guard name.wholeMatch(of: /[a-z0-9_]{1,63}/.asciiOnlyCharacterClasses()) != nil else {
                throw ValueMismatch(found: "another text")
            }
            return name
        }
    }

    /// A file's absolute path.
    static var path: Self {
        Self("the absolute path of a file") { raw throws(ValueMismatch) in
            let path = try raw.text()
            guard path.hasPrefix("/"), !path.hasSuffix("/") else { throw ValueMismatch(found: "another text") }
            return path
        }
    }

    /// A statement without white space around it and without the one semicolon that people put at its end.
    fileprivate static func statement(_ raw: UntypedValue) throws(ValueMismatch) -> String {
        // By scalars: to Swift, the Greek question mark is the same character as a semicolon.
        var statement = try raw.text().trimmingWhitespace()
        if statement.unicodeScalars.last == ";" {
            statement = String(statement.unicodeScalars.dropLast()).trimmingWhitespace()
        }
        guard !statement.isEmpty else { throw ValueMismatch(found: "an empty statement") }
        guard statement.unicodeScalars.last != ";" else {
            throw ValueMismatch(found: "more than one semicolon at the end")
        }
        return statement
    }

    static func columnName(_ text: String) throws(ValueMismatch) -> String {
        guard !text.isEmpty else { throw ValueMismatch(found: "an empty name") }
        guard !text.utf8.contains(0) else { throw ValueMismatch(found: "a name with the character NUL") }
        // The server would cut a longer name to 63 bytes and read whatever column has the shorter name.
        guard text.utf8.count <= 63 else { throw ValueMismatch(found: "a name longer than PostgreSQL's 63 bytes") }
        return text
    }
}

extension ValueFormat<[String]> {
    private init(_ expectation: String, read: @escaping @Sendable (UntypedValue) throws(ValueMismatch) -> [String]) {
        self.init(
            expectation, parse: UntypedValue.outsideList, write: { $0.isEmpty ? .nothing("") : .list($0) }, read: read)
    }

    /// Names of columns and patterns of them.
    static var names: Self {
        Self("the name of a column, a pattern such as \"prod_*\", or a list of them") { raw throws(ValueMismatch) in
            try columnNames(raw)
        }
    }

    /// Different columns.
    static var columns: Self {
        Self("the name of a column, or a list of different ones") { raw throws(ValueMismatch) in
            try distinct(columnNames(raw), "a name")
        }
    }

    /// Texts, each once.
    static var words: Self {
        Self("a list of different words") { raw throws(ValueMismatch) in
            var words: [String] = []
            if case .list(let items) = raw { words = items } else { words = [try raw.text()] }
            guard !words.isEmpty else { throw ValueMismatch(found: "an empty list") }
            return try distinct(words, "a word")
        }
    }

    private static func columnNames(_ raw: UntypedValue) throws(ValueMismatch) -> [String] {
        guard case .list(let items) = raw else { return [try ValueFormat<String>.columnName(raw.nameText())] }
        guard !items.isEmpty else { throw ValueMismatch(found: "an empty list") }
        var names: [String] = []
        for item in items { names.append(try ValueFormat<String>.columnName(item)) }
        return names
    }

    /// Compares by bytes, as the server does.
    private static func distinct(_ texts: [String], _ what: String) throws(ValueMismatch) -> [String] {
        guard Set(texts.map { Array($0.utf8) }).count == texts.count else {
            throw ValueMismatch(found: "\(what) that comes twice")
        }
        return texts
    }
}

extension ValueFormat<RelationName> {
    static var relation: Self {
        Self("a relation as schema.name", write: { .text($0.description, isQuoted: true) }) {
            raw throws(ValueMismatch) in
            let text = try raw.nameText()
            do throws(InvalidRelationName) {
                return try RelationName(parsing: text)
            } catch {
                throw ValueMismatch(found: error.description)
            }
        }
    }
}

extension ValueFormat<SourceRelation> {
    /// A statement if it begins like one, else the name of a relation.
    static var source: Self {
        Self(
            "a relation as schema.name, or a SELECT statement",
            write: { source in
                switch source {
                case .relation(let name): .text(name.description, isQuoted: true)
                case .query(let text): .text(text, isQuoted: true)
                }
            },
            read: { raw throws(ValueMismatch) in
                let start = /\s*(\(|(select|with|values|table)(\s|\(|"|'|\*|--))[\s\S]*/.ignoresCase()
                let isStatement = try raw.nameText().wholeMatch(of: start) != nil
                return isStatement
                    ? .query(try ValueFormat<String>.statement(raw))
                    : .relation(try ValueFormat<RelationName>.relation.read(raw))
            })
    }
}

extension ValueFormat where Value: CaseIterable & RawRepresentable<String> {
    /// The words of an enumeration.
    static func choice(_: Value.Type) -> Self {
        let words = Value.allCases.map(\.rawValue)
        let expectation = [words.dropLast().joined(separator: ", "), words.last ?? ""].filter { !$0.isEmpty }
        return Self(expectation.joined(separator: " or "), write: { .text($0.rawValue, isQuoted: true) }) {
            raw throws(ValueMismatch) in
            let word = try raw.text()
            guard let choice = Value(rawValue: word) else {
                let hint = Spelling.nearest(to: word, in: words).map { "; did you mean \($0)?" } ?? ""
                throw ValueMismatch(found: "another text\(hint)")
            }
            return choice
        }
    }
}
