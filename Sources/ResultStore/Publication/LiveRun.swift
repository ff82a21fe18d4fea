public import Holdings
public import Postgres

/// What a published run was made with, for recomputing parts of it.
public struct LiveRun: Sendable {
    /// Number of the run.
    public let runID: Int64
    /// Business date.
    public let asOf: BusinessDate
    /// Configuration as recorded, JSON.
    public let configJSON: String
    /// Fingerprint of what it has read.
    public let fingerprint: String?
    /// The run that was live when it read; nil for the first.
    public let comparedRunID: Int64?

    /// The published run of a channel, or nil.
    public static func current(channel: String, session: Session) throws -> LiveRun? {
        try session.ours { session in
            let result = try session.execute(
                """
                select r.run_id, r.as_of_date::text, r.config::text, r.input_fingerprint, r.compared_run_id
                from peerfolio.publication p join peerfolio.runs r on r.run_id = p.live_run_id where p.channel = $1
                """,
                [.text(channel)])
            guard let row = result.rows.first, let asOf = BusinessDate(try row.get(at: 1)) else { return nil }
            return LiveRun(
                runID: try row.get(at: 0), asOf: asOf, configJSON: try row.get(at: 2),
                fingerprint: try row.getIfPresent(at: 3), comparedRunID: try row.getIfPresent(at: 4))
        }
    }
}
