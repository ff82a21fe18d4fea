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

    /// Clients in both runs.
    public let clientsCompared: Int
    /// Those whose list is another one now: other products, or in another order.
    public let listsChanged: Int
    /// Suggestions of the later run to clients in both.
    public let suggestionsCompared: Int
    /// Those that were not in the client's earlier list.
    public let suggestionsNew: Int

    /// Share of the clients in both runs whose list has changed, 0...1; nil without any.
    public var changedListShare: Double? { Self.share(listsChanged, of: clientsCompared) }
    /// Share of the suggestions to them that are new, 0...1; nil without any.
    public var newSuggestionShare: Double? { Self.share(suggestionsNew, of: suggestionsCompared) }
    /// Share of the clients with a best suggestion in both runs for whom it has changed, 0...1; nil without any.
    public var changedFirstChoiceShare: Double? { Self.share(firstChoiceChanged, of: firstChoiceCompared) }

    private static func share(_ part: Int, of whole: Int) -> Double? {
        whole == 0 ? nil : Double(part) / Double(whole)
    }

    enum CodingKeys: String, CodingKey {
        case clients, recommendations
        case previousRunID = "previous_run_id"
        case firstChoiceChanged = "first_choice_changed"
        case firstChoiceCompared = "first_choice_compared"
        case clientsCompared = "clients_compared"
        case listsChanged = "lists_changed"
        case suggestionsCompared = "suggestions_compared"
        case suggestionsNew = "suggestions_new"
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
                select n.clients - e.clients, n.recommendations - e.recommendations, c.*
                from peerfolio.runs n, peerfolio.runs e, (
                    select count(*) filter (where a.products[1] <> b.products[1]),
                           count(*) filter (where a.products[1] is not null and b.products[1] is not null),
                           count(*), count(*) filter (where a.products is distinct from b.products),
                           coalesce(sum(cardinality(a.products)), 0)::bigint,
                           coalesce(sum(case when a.products is distinct from b.products then (
                               select count(*) from unnest(a.products) as p(id)
                               where p.id <> all (coalesce(b.products, '{}'))) end), 0)::bigint
                    from (\(Self.lists(ofRun: "$1"))) a join (\(Self.lists(ofRun: "$2"))) b using (client_id)
                    ) c
                where n.run_id = $1 and e.run_id = $2 and n.slot is not null and e.slot is not null
                """,
                [.bigint(runID), .bigint(earlier)])
            return try result.rows.first.map { row in
                RunComparison(
                    previousRunID: earlier, clients: try row.get(at: 0), recommendations: try row.get(at: 1),
                    firstChoiceChanged: try row.get(at: 2), firstChoiceCompared: try row.get(at: 3),
                    clientsCompared: try row.get(at: 4), listsChanged: try row.get(at: 5),
                    suggestionsCompared: try row.get(at: 6), suggestionsNew: try row.get(at: 7))
            }
        }
    }

    /// Every client of a run with its products, best first; NULL for an empty list.
    private static func lists(ofRun parameter: String) -> String {
        let slot = "(select slot from peerfolio.runs where run_id = \(parameter))"
        return """
            select k.client_id, l.products from peerfolio.run_clients k left join (
                select client_id, array_agg(product_id order by rank) as products from peerfolio.recommendations
                where slot = \(slot) and run_id = \(parameter) group by client_id) l using (client_id)
            where k.slot = \(slot) and k.run_id = \(parameter)
            """
    }

    /// Writes the comparison into the later run's row of the run log.
    ///
    /// - Throws: `PostgresError`; the run can go on without.
    public func record(runID: Int64, session: Session) throws {
        try session.ours { session in
            _ = try session.execute(
                """
                update peerfolio.runs
                set clients_compared = $2, lists_changed = $3, suggestions_compared = $4, suggestions_new = $5,
                    first_choices_compared = $6, first_choices_changed = $7
                where run_id = $1 and compared_run_id = $8
                """,
                [
                    .bigint(runID), .bigint(Int64(clientsCompared)), .bigint(Int64(listsChanged)),
                    .bigint(Int64(suggestionsCompared)), .bigint(Int64(suggestionsNew)),
                    .bigint(Int64(firstChoiceCompared)), .bigint(Int64(firstChoiceChanged)), .bigint(previousRunID),
                ])
        }
    }
}
