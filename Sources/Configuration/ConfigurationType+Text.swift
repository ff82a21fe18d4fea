import SourceReading

extension ConfigurationType {
    /// The text of a scalar.
    static func text(_ raw: UntypedValue) throws(ValueMismatch) -> String {
        switch raw {
        case .text(let text, _):
            guard !text.utf8.contains(0) else { throw ValueMismatch(found: "text with the character NUL") }
            return text
        case .nothing: throw ValueMismatch(found: "nothing")
        case .list, .listOfSections: throw ValueMismatch(found: "a list")
        case .section: throw ValueMismatch(found: "a section")
        }
    }

    /// The text of a name, which may be a word that YAML takes for nothing, such as `null`.
    static func nameText(_ raw: UntypedValue) throws(ValueMismatch) -> String {
        if case .nothing(let written) = raw, !written.isEmpty { return written }
        return try text(raw)
    }

    static func columnName(_ text: String) throws(ValueMismatch) -> String {
        guard !text.isEmpty else { throw ValueMismatch(found: "an empty name") }
        guard !text.utf8.contains(0) else { throw ValueMismatch(found: "a name with the character NUL") }
        // The server would cut a longer name to 63 bytes and read whatever column has the shorter name.
        guard text.utf8.count <= 63 else { throw ValueMismatch(found: "a name longer than PostgreSQL's 63 bytes") }
        return text
    }

    static func columnNames(_ raw: UntypedValue) throws(ValueMismatch) -> [String] {
        guard case .list(let items) = raw else { return [try columnName(nameText(raw))] }
        guard !items.isEmpty else { throw ValueMismatch(found: "an empty list") }
        var names: [String] = []
        for item in items {
            names.append(try columnName(item))
        }
        return names
    }

    /// Texts that are all different, by bytes, as the server compares them.
    static func distinctWords(_ raw: UntypedValue) throws(ValueMismatch) -> [String] {
        var words: [String] = []
        if case .list(let items) = raw { words = items } else { words = [try text(raw)] }
        guard !words.isEmpty else { throw ValueMismatch(found: "an empty list") }
        guard Set(words.map { Array($0.utf8) }).count == words.count else {
            throw ValueMismatch(found: "a word that comes twice")
        }
        return words
    }

    static func relationName(_ raw: UntypedValue) throws(ValueMismatch) -> RelationName {
        let text = try nameText(raw)
        do {
            return try RelationName(parsing: text)
        } catch {
            throw ValueMismatch(found: error.description)
        }
    }

    /// A statement without white space around it and without the one semicolon that people put at its end.
    static func statement(_ raw: UntypedValue) throws(ValueMismatch) -> String {
        // By scalars: to Swift, the Greek question mark is the same character as a semicolon.
        var statement = try text(raw).trimmingWhitespace()
        if statement.unicodeScalars.last == ";" {
            statement = String(statement.unicodeScalars.dropLast()).trimmingWhitespace()
        }
        guard !statement.isEmpty else { throw ValueMismatch(found: "an empty statement") }
        guard statement.unicodeScalars.last != ";" else {
            throw ValueMismatch(found: "more than one semicolon at the end")
        }
        return statement
    }

    /// A statement if it begins like one, else the name of a relation.
    static func source(_ raw: UntypedValue) throws(ValueMismatch) -> ConfigurationValue {
        let start = /\s*(\(|(select|with|values|table)(\s|\(|"|'|\*|--))[\s\S]*/.ignoresCase()
        let isStatement = try nameText(raw).wholeMatch(of: start) != nil
        return isStatement ? .text(try statement(raw)) : .relation(try relationName(raw))
    }

    static func channel(_ raw: UntypedValue) throws(ValueMismatch) -> String {
        let name = try nameText(raw)
        guard name.wholeMatch(of: /[a-z0-9_]{1,63}/.asciiOnlyCharacterClasses()) != nil else {
            throw ValueMismatch(found: "another text")
        }
        return name
    }

    static func path(_ raw: UntypedValue) throws(ValueMismatch) -> String {
        let path = try text(raw)
        guard path.hasPrefix("/"), !path.hasSuffix("/") else { throw ValueMismatch(found: "another text") }
        return path
    }

    static func choice(_ raw: UntypedValue, from words: [String]) throws(ValueMismatch) -> String {
        let word = try text(raw)
        guard words.contains(word) else {
            let hint = Spelling.nearest(to: word, in: words).map { "; did you mean \($0)?" } ?? ""
            throw ValueMismatch(found: "another text\(hint)")
        }
        return word
    }
}

extension String {
    func trimmingWhitespace() -> String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
