public import Holdings
public import Postgres
public import Recommending

/// What earlier runs have suggested: rows that somebody may sweep while they are read.
public struct EarlierRuns {
    private let store: StoreSession

    /// Creates it over a session outside a transaction.
    ///
    /// - Parameter statementTimeout: The server's limit for each statement.
    public init(_ session: Session, statementTimeout: Duration = .seconds(30)) {
        store = StoreSession(session, statementTimeout)
    }

    /// Reads the pairs of client and product of a run.
    ///
    /// - Parameters:
    ///   - runID: The earlier run.
    ///   - roster: The clients and products of today; those that are not in it are left out.
    /// - Returns: The pairs in no particular order, or nil if rows of the run are not there any more.
    /// - Throws: `PostgresError`; `CancellationError`.
    public func suggestions(ofRun runID: Int64, for roster: Roster) throws -> [ClientProduct]? {
        try store.transaction { session in
            guard let rows = try EarlierRows.find(ofRun: runID, session: session) else { return nil }
            var rowCount = 0
            var pairs: [ClientProduct] = []
            try session.copyRows(of: RecommendationRows.self, "client_id", "product_id", in: rows) { row in
                rowCount += 1
                guard let client = row[0].flatMap({ roster.clients.index(of: $0) }),
                    let product = row[1].flatMap({ roster.products.index(of: $0) })
                else { return }
                pairs.append(.init(client: client, product: product))
            }
            return rowCount == rows.recommendations ? pairs : nil
        }
    }

    /// Compares what a run has computed with the rows of an earlier one.
    ///
    /// The rows are streamed and compared here: in SQL, collecting the lists of both runs took ten times as long (300,000
    /// clients with 5 suggestions each: 3.7 s and 0.4 s).
    ///
    /// - Parameters:
    ///   - roster: The clients and products that the later run has read.
    ///   - recommendations: What it has computed.
    ///   - earlier: The earlier run.
    /// - Returns: Nil if rows of the earlier run are not there any more.
    /// - Throws: `PostgresError`; `CancellationError`.
    public func compare(
        _ roster: Roster, _ recommendations: Recommendations, with earlier: Int64
    ) throws -> RunComparison? {
        try store.transaction { session in
            guard let rows = try EarlierRows.find(ofRun: earlier, session: session) else { return nil }
            var changes = ListChanges(roster, recommendations)
            try session.copyRows(of: RunClientRows.self, "client_id", in: rows) { changes.addClient($0) }
            try session.copyRows(of: RecommendationRows.self, "client_id", "product_id", "rank", in: rows) {
                try changes.addSuggestion($0)
            }
            guard changes.clientRows == rows.clients, changes.suggestionRows == rows.recommendations else { return nil }
            let totals = changes.totals()
            return RunComparison(
                previousRunID: earlier, clients: roster.clients.count - rows.clients,
                recommendations: recommendations.rowCount - rows.recommendations,
                firstChoiceChanged: totals.firstChoicesChanged, firstChoiceCompared: totals.firstChoices,
                clientsCompared: totals.clients, listsChanged: totals.listsChanged,
                suggestionsCompared: totals.suggestions, suggestionsNew: totals.suggestionsNew)
        }
    }

    /// Writes a comparison into the later run's row of the run log.
    ///
    /// - Throws: `PostgresError`; the run can go on without.
    public func record(_ change: RunComparison, runID: Int64) throws {
        try store.transaction { session in
            _ = try session.execute(
                """
                update peerfolio.runs
                set clients_compared = $2, lists_changed = $3, suggestions_compared = $4, suggestions_new = $5,
                    first_choices_compared = $6, first_choices_changed = $7
                where run_id = $1 and compared_run_id = $8
                """,
                [
                    .bigint(runID), .bigint(Int64(change.clientsCompared)), .bigint(Int64(change.listsChanged)),
                    .bigint(Int64(change.suggestionsCompared)), .bigint(Int64(change.suggestionsNew)),
                    .bigint(Int64(change.firstChoiceCompared)), .bigint(Int64(change.firstChoiceChanged)),
                    .bigint(change.previousRunID),
                ])
        }
    }
}
