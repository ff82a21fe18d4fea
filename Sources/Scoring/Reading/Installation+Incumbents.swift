import Configuration
import Holdings
import Postgres
import Recommending
import ResultStore
import SourceReading

extension Installation {
    /// What an earlier run has suggested, where that has a margin over newcomers.
    ///
    /// - Parameters:
    ///   - runID: The earlier run, or nil.
    ///   - margin: `output.hysteresis`; nothing is read when it is 0.
    ///   - input: The clients and products of today.
    ///   - session: Any session outside a transaction.
    /// - Returns: Nil without a margin, without an earlier run, and when its rows are not there any more.
    func incumbents(
        ofRun runID: Int64?, margin: Double, for input: SourceInput, _ session: Session
    ) throws -> Incumbents? {
        guard margin > 0, let runID else { return nil }
        return try EarlierRuns(session, statementTimeout: configuration.timeouts.statement)
            .incumbents(ofRun: runID, for: input.roster, margin: margin)
    }
}
