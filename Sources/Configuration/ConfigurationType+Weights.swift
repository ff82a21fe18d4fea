import SourceReading

extension ConfigurationType {
    /// Columns with their weights, in the order of the columns' names by bytes, each once.
    static func weights(_ raw: UntypedValue) throws(ValueMismatch) -> [AttributeMapping] {
        let entries = try entries(raw)
        guard !entries.isEmpty else { throw ValueMismatch(found: "an empty section") }
        var weights: [AttributeMapping] = []
        // By bytes, as PostgreSQL tells columns apart.
        var seen: Set<[UInt8]> = []
        for entry in entries {
            do throws(ValueMismatch) {
                guard let name = entry.name else { throw ValueMismatch(found: "a column that is no text") }
                let column = try columnName(name)
                guard seen.insert(Array(column.utf8)).inserted else {
                    throw ValueMismatch(found: "the same column twice")
                }
                let weight = try number(
                    entry.value, in: Double.leastNonzeroMagnitude...Double.greatestFiniteMagnitude)
                weights.append(AttributeMapping(column: column, weight: weight))
            } catch {
                throw ValueMismatch(found: error.found, entry: entry)
            }
        }
        return AttributeMapping.sorted(weights)
    }

    /// The entries of a section, or of one text such as `customer_type=0.5,age=0.25`.
    private static func entries(_ raw: UntypedValue) throws(ValueMismatch) -> [UntypedEntry] {
        if case .section(let entries) = raw { return entries }
        var entries: [UntypedEntry] = []
        for part in try text(raw).split(separator: ",", omittingEmptySubsequences: false) {
            guard let separator = part.lastIndex(of: "=") else {
                throw ValueMismatch(found: "text that is not as customer_type=0.5,age=0.25")
            }
            let weight = String(part[part.index(after: separator)...]).trimmingWhitespace()
            entries.append(
                UntypedEntry(
                    name: String(part[..<separator]).trimmingWhitespace(), value: .text(weight, isQuoted: false),
                    line: nil))
        }
        return entries
    }
}

extension UntypedEntry {
    /// What the entry adds to the path of its key; nothing where its name may be a value in the wrong place.
    var pathSuffix: String {
        guard let name, name.wholeMatch(of: /[A-Za-z0-9_.-]{1,80}/) != nil else { return "" }
        return "." + name
    }
}
