import Holdings

/// A source of rows.
public enum SourceRelation: Sendable, Hashable {
    /// A table, view or foreign table.
    case relation(RelationName)
    /// One `SELECT` without a trailing semicolon; it may use `:as_of`, the date of the run.
    case query(String)
}

extension SourceRelation {
    /// The configuration key that names it in a section such as `holdings`.
    func key(in section: String) -> String {
        switch self {
        case .relation: "\(section).relation"
        case .query: "\(section).query"
        }
    }

    /// Whether it is a query that uses the date of the run.
    package var isDated: Bool {
        switch self {
        case .relation: false
        case .query(let text): BusinessDate("0001-01-01").map { substituteAsOf(in: text, $0) != text } ?? false
        }
    }
}
