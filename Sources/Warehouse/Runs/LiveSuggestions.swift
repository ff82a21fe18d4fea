public import Postgres
public import Recommending

/// What an earlier run has suggested to whom.
public enum LiveSuggestions {
    /// Reads the pairs of client and product of a run.
    ///
    /// - Parameters:
    ///   - runID: The earlier run.
    ///   - input: The clients and products of today; those that are not in it are left out.
    ///   - statementTimeout: The server's limit for the COPY.
    ///   - session: Any session outside a transaction.
    /// - Returns: The pairs in no particular order, or nil if the rows of the run are not there any more.
    /// - Throws: `PostgresError`; `CancellationError`.
    public static func read(
        ofRun runID: Int64, for input: SourceInput, statementTimeout: Duration, session: Session
    ) throws -> [HoldingsQuality.Pair]? {
        try session.ours(statementTimeout: statementTimeout) { session in
            let slot: Int? = try session.execute(
                "select slot::bigint from peerfolio.runs where run_id = $1", [.bigint(runID)]
            ).rows.first?.getIfPresent(at: 0)
            guard let slot else { return nil }
            var pairs: [HoldingsQuality.Pair] = []
            var decoder = BinaryCopyDecoder(fieldCount: 2)
            // COPY takes no parameters; these are numbers.
            try session.copyOut(
                """
                copy (select client_id, product_id from peerfolio.recommendations
                      where slot = \(slot) and run_id = \(runID)) to stdout (format binary)
                """
            ) { message in
                try decoder.decode(message) { row in
                    guard let client = row[0].flatMap({ input.clients.index(of: $0) }),
                        let product = row[1].flatMap({ input.products.index(of: $0) })
                    else { return }
                    pairs.append(.init(client: client, product: product))
                }
            }
            try decoder.finish()
            return pairs
        }
    }
}
