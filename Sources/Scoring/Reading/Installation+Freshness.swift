import Configuration
import Postgres
import SourceReading

extension Installation {
    /// Refuses sources that are too old.
    ///
    /// - Throws: `ScoringError.staleSource`; `SourceError` when the column or query does not tell a time.
    func verifyFreshness(_ session: Session) throws {
        if let staleness = try staleness(session) { throw ScoringError(.staleSource, staleness) }
    }

    /// Why the sources are too old, in words; nil if they are not, or may be of any age.
    ///
    /// - Throws: `SourceError` when the column or query does not tell a time; `PostgresError`.
    func staleness(_ session: Session) throws -> String? {
        guard let freshness = configuration.freshness else { return nil }
        let key: String
        let age: Double?
        switch freshness.source {
        case .column(let column):
            key = "freshness.column"
            age = try SourceAge.ofHoldings(configuration.source.holdings, column: column, session: session)
        case .query(let query):
            key = "freshness.query"
            age = try SourceAge.ofQuery(
                query, timeZone: configuration.source.holdings.timeZone, session: session)
        }
        guard let age else {
            return "\(key) tells no time: the sources are empty or were never loaded; override with --force"
        }
        if age <= freshness.maxAge / .seconds(1) { return nil }
        return "the sources were loaded \(Self.words(forSeconds: age)) ago, which is more than freshness.max_age"
            + " allows; load them, or override with --force"
    }

    private static func words(forSeconds seconds: Double) -> String {
        switch seconds {
        case ..<120: "\(Int(seconds)) seconds"
        case ..<7200: "\(Int(seconds / 60)) minutes"
        case ..<172_800: "\(Int(seconds / 3600)) hours"
        default: "\(Int(seconds / 86_400)) days"
        }
    }
}
