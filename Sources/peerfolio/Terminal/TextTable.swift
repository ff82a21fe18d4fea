/// A table of text for a terminal: columns as wide as their content, numbers to the right.
struct TextTable {
    /// A column.
    struct Column {
        let title: String
        let isNumeric: Bool

        static func text(_ title: String) -> Column { Column(title: title, isNumeric: false) }
        static func number(_ title: String) -> Column { Column(title: title, isNumeric: true) }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row with one text per column.
    mutating func add(_ row: [String]) {
        precondition(row.count == columns.count)
        // A line break in a name must not break the table.
        rows.append(row.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") })
    }

    /// The table with a title line, ready to print.
    var text: String {
        let all = [columns.map(\.title)] + rows
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = columns.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return columns[column].isNumeric ? padding + row[column] : row[column] + padding
            }
            return trimmed(cells.joined(separator: "  "))
        }.joined(separator: "\n")
    }

    private func trimmed(_ line: String) -> String {
        var line = line[...]
        while line.last == " " { line.removeLast() }
        return String(line)
    }
}
