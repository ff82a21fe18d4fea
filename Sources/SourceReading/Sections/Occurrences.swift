import Holdings

/// How often something occurred, and up to five ids as examples, in the order of ids.
struct Occurrences {
    private(set) var count = 0
    private(set) var examples: [String] = []

    private static let exampleLimit = 5

    /// - Parameter indexes: What occurred, ascending, each as often as it did.
    init(of indexes: [Int32], in ids: IdentifierTable) {
        count = indexes.count
        for (place, index) in indexes.enumerated() where place == 0 || indexes[place - 1] != index {
            if examples.count == Self.exampleLimit { break }
            examples.append(ids.text(at: index))
        }
    }

    /// - Parameters:
    ///   - elements: By final index.
    ///   - count: How often it occurred in one.
    init<Element>(_ elements: [Element], in ids: IdentifierTable, _ count: (Element) -> Int) {
        for (index, element) in elements.enumerated() where count(element) > 0 {
            self.count += count(element)
            if examples.count < Self.exampleLimit { examples.append(ids.text(at: Int32(index))) }
        }
    }

    /// - Parameter values: By final index, nil where it is unknown, which is what occurred.
    init<Value>(ofUnknown values: [Value?], in ids: IdentifierTable) {
        self.init(values, in: ids) { $0 == nil ? 1 : 0 }
    }
}

extension [Finding] {
    /// Adds a finding, unless it has not occurred.
    mutating func add(
        _ code: Finding.Code, _ severity: Finding.Severity, _ found: Occurrences, _ message: String
    ) {
        add(code, severity, found.count, examples: found.examples, message)
    }

    /// Adds that rows have no id; they belong to any section.
    mutating func addNullKeys(_ count: Int) {
        add(.nullKey, .warning, count, "rows whose client or product is NULL were set aside")
    }
}
