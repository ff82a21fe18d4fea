/// How a section of the mapping is read: the columns it asks for, before any database has been looked at.
protocol SectionStatement: Sendable {
    /// What is read; nil for a section that only makes something of what others have read.
    var source: MappedSource? { get }

    /// Writes the statement.
    ///
    /// - Parameters:
    ///   - catalog: Where columns are looked up.
    ///   - idTypes: The types that ids have in the holdings.
    /// - Returns: What will read the section, without a row as yet.
    /// - Throws: `SourceError` that names the configuration key; `PostgresError`.
    func collector(_ catalog: SourceCatalog, _ idTypes: IdentifierTypes) throws -> any SectionCollector
}

/// A source of a configuration, and what is read of it.
public struct MappedSource: Sendable {
    /// Configuration key that names the source, such as `holdings` or `freshness.column`.
    public let key: String
    /// Relation or query.
    public let source: SourceRelation
    /// Columns that are read, by name; of a query all that it returns are.
    public let columns: [String]
    /// Patterns of further columns, where `*` stands for any characters.
    public let patterns: [String]

    /// Describes a source.
    public init(key: String, source: SourceRelation, columns: [String], patterns: [String] = []) {
        self.key = key
        self.source = source
        self.columns = columns
        self.patterns = patterns
    }
}
