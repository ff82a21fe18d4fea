/// A table of figures: a caption, a row of headings, and rows that begin with a heading of their own.
struct DataTable {
    /// A column.
    struct Column {
        let title: String
        /// Class of its cells; empty for text that may be broken into lines.
        fileprivate let cssClass: String

        /// Text that may be broken into lines.
        static func text(_ title: String) -> Column { Column(title: title, cssClass: "") }
        /// Text that stays on one line, such as a date.
        static func label(_ title: String) -> Column { Column(title: title, cssClass: "l") }
        /// Numbers, at the right.
        static func number(_ title: String) -> Column { Column(title: title, cssClass: "n") }
    }

    private let caption: String
    private let columns: [Column]
    private var rows: [[String]] = []

    /// Creates a table without rows.
    ///
    /// - Parameters:
    ///   - caption: What the table shows, as its heading.
    ///   - columns: At least one; the first has the headings of the rows.
    init(_ caption: String, _ columns: [Column]) {
        self.caption = caption
        self.columns = columns
    }

    /// Adds a row with one text per column.
    mutating func add(_ row: [String]) {
        precondition(row.count == columns.count)
        rows.append(row)
    }

    /// The table; one that is wider than the page scrolls, with the keyboard too.
    var markup: Markup {
        """
        <div class="scroll" tabindex="0" role="region" aria-label="\(caption)">
        <table>
        <caption>\(caption)</caption>
        <thead><tr>\(columns.map { Self.heading($0) })</tr></thead>
        <tbody>
        \(rows.map { cells($0) })
        </tbody>
        </table>
        </div>
        """
    }

    /// The table behind a line that opens it, for figures that a chart shows already.
    var folded: Markup { "<details><summary>The numbers</summary>\n\(markup)\n</details>" }

    private static func heading(_ column: Column) -> Markup {
        "<th scope=\"col\"\(attribute(column))>\(column.title)</th>"
    }

    private static func attribute(_ column: Column) -> Markup {
        column.cssClass.isEmpty ? .nothing : " class=\"\(column.cssClass)\""
    }

    private func cells(_ row: [String]) -> Markup {
        let cells: [Markup] = zip(columns, row).enumerated().map { index, cell in
            let (attribute, text) = (Self.attribute(cell.0), cell.1)
            return index == 0 ? "<th scope=\"row\"\(attribute)>\(text)</th>" : "<td\(attribute)>\(text)</td>"
        }
        return "<tr>\(cells)</tr>"
    }
}
