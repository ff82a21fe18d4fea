import SourceReading

/// How old the sources may be.
package struct FreshnessKeys: KeySection {
    let column = Key(
        "freshness.column", .name,
        "Column of `holdings.relation` that tells when rows were loaded: its highest value counts.")
    let query = Key(
        "freshness.query", .query, "Or any `SELECT` of one timestamp: when the sources were loaded.")
    let maxAge = Key("freshness.max_age", .duration, default: .hours(24), "Older sources are not scored.")

    package var changes: KeyEffect { .nothing }
}

extension ServiceConfiguration {
    /// How old the sources may be.
    package struct Freshness: Sendable, Hashable {
        /// Where it is written when they were loaded.
        package enum Source: Sendable, Hashable {
            /// The highest value of a column of the holdings' relation.
            case column(String)
            /// The only value of a `SELECT`.
            case query(String)
        }

        /// Where it is written when they were loaded.
        package let source: Source
        /// Older sources are not scored.
        package let maxAge: Duration

        /// Nil where nobody asks.
        ///
        /// - Throws: `ConfigurationError` for two sources, and for a column where there is no relation.
        init?(_ settings: ConfigurationSettings, source: SourceMapping) throws(ConfigurationError) {
            let keys = settings.freshness.keys
            let (column, query) = (settings[keys.column], settings[keys.query])
            if column != nil && query != nil {
                throw settings.conflict(
                    keys.query, "freshness.column and freshness.query exclude each other; keep one",
                    code: .invalidValue)
            }
            if column != nil, case .query = source.holdings.source {
                throw settings.conflict(
                    keys.column, "freshness.column needs holdings.relation; with holdings.query use freshness.query",
                    code: .invalidValue)
            }
            guard let source = column.map(Source.column) ?? query.map(Source.query) else { return nil }
            self.source = source
            maxAge = settings[keys.maxAge]
        }
    }
}
