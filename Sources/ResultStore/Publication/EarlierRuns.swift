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

    /// What a run has suggested, as incumbents with a margin.
    ///
    /// - Parameters:
    ///   - runID: The earlier run.
    ///   - roster: The clients and products of today; those that are not in it are left out.
    ///   - margin: By how much a newcomer must be better.
    /// - Returns: Nil if rows of the run are not there any more.
    /// - Throws: `PostgresError`; `CancellationError`.
    public func incumbents(ofRun runID: Int64, for roster: Roster, margin: Double) throws -> Incumbents? {
        try store.transaction { session in
            try EarlierLists.read(ofRun: runID, for: roster, session).map { earlier in
                var known = GroupedLists<Int32>()
                for list in 0..<earlier.lists.count { known.append(earlier.lists[list].lazy.filter { $0 >= 0 }) }
                return Incumbents(known, listOfClient: earlier.listOfClient, margin: margin)
            }
        }
    }

    /// Compares what a run has computed with the rows of an earlier one.
    ///
    /// The rows are streamed and compared here: in SQL, collecting the lists of both runs took ten times as long (300,000
    /// clients with 5 suggestions each: 3.7 s and 0.4 s, when every client had rows of its own).
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
            try EarlierLists.read(ofRun: earlier, for: roster, session).map { lists in
                RunComparison(recommendations, with: lists, ofRun: earlier)
            }
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
