public import Postgres

/// What has changed between two runs whose rows are both still there.
public struct RunComparison: Sendable, Encodable {
    /// The earlier run.
    public let previousRunID: Int64
    /// Clients more than before; negative for fewer.
    public let clients: Int
    /// Recommendations more than before; negative for fewer.
    public let recommendations: Int
    /// Clients in both runs whose best suggestion is another product now.
    public let firstChoiceChanged: Int
    /// Clients in both runs who have a best suggestion.
    public let firstChoiceCompared: Int

    enum CodingKeys: String, CodingKey {
        case clients, recommendations
        case previousRunID = "previous_run_id"
        case firstChoiceChanged = "first_choice_changed"
        case firstChoiceCompared = "first_choice_compared"
    }

    /// The run of a channel that another one is to be compared with: the one that is live now.
    ///
    /// - Returns: Its number, or nil if nothing is published.
    public static func liveRunID(channel: String, session: Session) throws -> Int64? {
        try session.ours { session in
            try session.execute(
                "select live_run_id from peerfolio.publication where channel = $1", [.text(channel)]
            ).rows.first?.getIfPresent(at: 0)
        }
    }

    /// Compares a run with an earlier one.
    ///
    /// - Returns: Nil if the rows of one of them are not there any more.
    public static func compare(_ runID: Int64, with earlier: Int64, session: Session) throws -> RunComparison? {
        try session.ours(statementTimeout: .seconds(120)) { session in
            // Rows that were loaded a moment ago may have no statistics, and without them the planner may join 30,000
            // clients with 30,000 by a nested loop that takes minutes.
            try session.execute("set local enable_nestloop = off")
            let result = try session.execute(
                """
                select n.clients - e.clients, n.recommendations - e.recommendations, c.changed, c.compared
                from peerfolio.runs n, peerfolio.runs e, (
                    select count(*) filter (where a.product_id <> b.product_id) as changed, count(*) as compared
                    from peerfolio.recommendations a
                    join peerfolio.recommendations b on b.client_id = a.client_id
                    where a.slot = (select slot from peerfolio.runs where run_id = $1) and a.run_id = $1 and a.rank = 1
                      and b.slot = (select slot from peerfolio.runs where run_id = $2) and b.run_id = $2 and b.rank = 1
                    ) c
                where n.run_id = $1 and e.run_id = $2 and n.slot is not null and e.slot is not null
                """,
                [.bigint(runID), .bigint(earlier)])
            return try result.rows.first.map { row in
                RunComparison(
                    previousRunID: earlier, clients: try row.get(at: 0), recommendations: try row.get(at: 1),
                    firstChoiceChanged: try row.get(at: 2), firstChoiceCompared: try row.get(at: 3))
            }
        }
    }
}
