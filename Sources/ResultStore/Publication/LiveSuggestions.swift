public import Holdings
public import Postgres
import Recommending

/// What an earlier run has suggested to whom.
public enum LiveSuggestions {
    /// Reads the pairs of client and product of a run.
    ///
    /// - Parameters:
    ///   - runID: The earlier run.
    ///   - roster: The clients and products of today; those that are not in it are left out.
    ///   - statementTimeout: The server's limit for the COPY.
    ///   - session: Any session outside a transaction.
    /// - Returns: The pairs in no particular order, or nil if rows of the run are not there any more.
    /// - Throws: `PostgresError`; `CancellationError`.
    public static func read(
        ofRun runID: Int64, for roster: Roster, statementTimeout: Duration, session: Session
    ) throws -> [ClientProduct]? {
        try session.ours(statementTimeout: statementTimeout) { session in
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
}
