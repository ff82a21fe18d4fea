import Configuration
public import Reporting
import Schema

extension Installation {
    /// Everything that a report shows, from one snapshot.
    ///
    /// A role that may see the views alone suffices; then only their presence is checked, and not that they are this
    /// program's.
    ///
    /// - Throws: `SchemaError` where Peerfolio is not installed, or in another version; `PostgresError`.
    public func reportContent() async throws -> ReportContent {
        try await withSession { session in
            try ReportReader.read(
                programVersion: Self.version, statementTimeout: configuration.timeouts.statement, session: session
            ) { session in
                if try ReportReader.maySeeTables(session) {
                    try migrator.verify(session)
                } else {
                    try migrator.verifyViews(session)
                }
            }
        }
    }
}
