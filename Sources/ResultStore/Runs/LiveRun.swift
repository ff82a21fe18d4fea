public import Holdings
import Postgres

/// The run that reports see, and what it was made with.
public struct LiveRun: Sendable {
    /// Number of the run.
    public let runID: Int64
    /// Where its rows lie.
    let place: RunPlace
    /// Business date.
    public let asOf: BusinessDate
    /// Configuration as recorded, JSON.
    public let configJSON: String
    /// Fingerprint of what it has read.
    public let fingerprint: String?
    /// What it has read, to compare new input with.
    public let counts: RunCounts?
    /// The run that was live when it read; nil for the first.
    public let comparedRunID: Int64?

    /// The live run of a channel, or nil before the first: whoever has to know asks this.
    static func current(channel: String, _ session: Session) throws -> LiveRun? {
        try session.execute(
            """
            select r.run_id, p.live_slot::integer, r.as_of_date::text, r.config::text, r.input_fingerprint,
                   r.compared_run_id, r.clients, r.clients_with_portfolio, r.products, r.holdings
            from peerfolio.publication p join peerfolio.runs r on r.run_id = p.live_run_id where p.channel = $1
            """,
            [.text(channel)]
        ).rows.first.flatMap { try LiveRun($0) }
    }

    private init?(_ row: PostgresRow) throws {
        guard let asOf = BusinessDate(try row.get(at: 2)) else { return nil }
        runID = try row.get(at: 0)
        place = RunPlace(runID: runID, slot: Int16(try row.get(at: 1, as: Int.self)))
        self.asOf = asOf
        configJSON = try row.get(at: 3)
        fingerprint = try row.getIfPresent(at: 4)
        comparedRunID = try row.getIfPresent(at: 5)
        counts = try row.getIfPresent(at: 6).map { clients in
            RunCounts(
                clients: clients, clientsWithPortfolio: try row.get(at: 7), products: try row.get(at: 8),
                holdings: try row.get(at: 9))
        }
    }
}
