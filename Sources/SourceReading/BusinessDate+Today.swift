package import Holdings
package import Postgres

extension BusinessDate {
    /// What day it is in a time zone, by the server's clock.
    ///
    /// - Parameter timeZone: A name such as `Europe/Lisbon`. The session's own setting plays no part.
    /// - Throws: `SourceError` for a zone that the server does not know; `PostgresError`.
    package static func today(in timeZone: String, _ session: Session) throws -> BusinessDate {
        let shown = "pg_catalog.timezone($1::pg_catalog.text, pg_catalog.now())"
        do {
            let text: String = try session.execute(
                "select pg_catalog.to_char(\(shown), 'YYYY-MM-DD')", [.text(timeZone)]
            ).rows[0].get(at: 0)
            guard let today = BusinessDate(text) else {
                throw SourceError(.protocolViolation, "the server's current date cannot be read")
            }
            return today
        } catch let error as PostgresError where error.sqlState == "22023" {
            throw SourceError(
                .type, key: "holdings.time_zone",
                "the server does not know the time zone \(timeZone); select name from pg_timezone_names shows those that it"
                    + " knows (unless holdings.time_zone is set, it is schedule.time_zone)")
        }
    }
}
