import SourceReading

extension ValueFormat<[AttributeMapping]> {
    /// Columns with a weight each, in the order of the columns' names by bytes, each once: a section, or one text in
    /// which commas separate `column=weight`.
    static var weights: Self {
        Self(
            "columns with a weight above 0 each, such as {customer_type: 0.5, age: 0.25}",
            parse: UntypedValue.outsideSection,
            write: { weights in
                let entries = weights.map { UntypedEntry(name: $0.column, value: weight.write($0.weight)) }
                return entries.isEmpty ? .nothing("") : .section(entries)
            },
            read: { raw throws(ValueMismatch) in
                let entries = try entries(raw)
                guard !entries.isEmpty else { throw ValueMismatch(found: "an empty section") }
                var weights: [AttributeMapping] = []
                // By bytes, as PostgreSQL tells columns apart.
                var seen: Set<[UInt8]> = []
                for entry in entries {
                    do throws(ValueMismatch) {
                        guard let name = entry.name else { throw ValueMismatch(found: "a column that is no text") }
                        let column = try ValueFormat<String>.columnName(name)
                        guard seen.insert(Array(column.utf8)).inserted else {
                            throw ValueMismatch(found: "the same column twice")
                        }
                        weights.append(AttributeMapping(column: column, weight: try weight.read(entry.value)))
                    } catch {
                        throw ValueMismatch(found: error.found, entry: entry)
                    }
                }
                return AttributeMapping.sorted(weights)
            })
    }

    private static var weight: ValueFormat<Double> { .number(atLeast: Double.leastNonzeroMagnitude) }

    /// The entries of a section, or of one text such as `customer_type=0.5,age=0.25`.
    private static func entries(_ raw: UntypedValue) throws(ValueMismatch) -> [UntypedEntry] {
        if case .section(let entries) = raw { return entries }
        var entries: [UntypedEntry] = []
        for part in try raw.text().split(separator: ",", omittingEmptySubsequences: false) {
            guard let separator = part.lastIndex(of: "=") else {
                throw ValueMismatch(found: "text that is not as customer_type=0.5,age=0.25")
            }
            let weight = String(part[part.index(after: separator)...]).trimmingWhitespace()
            entries.append(
                UntypedEntry(
                    name: String(part[..<separator]).trimmingWhitespace(), value: .text(weight, isQuoted: false)))
        }
        return entries
    }
}
