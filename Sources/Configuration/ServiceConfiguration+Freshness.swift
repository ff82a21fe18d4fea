import SourceReading

extension ServiceConfiguration.Freshness {
    /// Reads the section `freshness`.
    ///
    /// - Throws: `ConfigurationError` when it names two sources, or a column where there is no relation.
    init?(_ settings: ConfigurationSettings, source: SourceMapping) throws(ConfigurationError) {
        let (column, query) = (settings.text(.freshnessColumn), settings.text(.freshnessQuery))
        if column != nil && query != nil {
            throw ConfigurationError(
                code: .invalidValue, message: "freshness.column and freshness.query exclude each other; keep one",
                key: ConfigurationKey.freshnessQuery.rawValue, location: settings.location(of: .freshnessQuery))
        }
        if column != nil, case .query = source.holdings.source {
            throw ConfigurationError(
                code: .invalidValue,
                message: "freshness.column needs holdings.relation; with holdings.query use freshness.query",
                key: ConfigurationKey.freshnessColumn.rawValue, location: settings.location(of: .freshnessColumn))
        }
        guard let source = column.map(Source.column) ?? query.map(Source.query) else { return nil }
        self.init(source: source, maxAge: settings.duration(.freshnessMaxAge))
    }
}
