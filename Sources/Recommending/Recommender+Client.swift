import PeerSearch

extension Recommender {
    /// Scores one client, by the code that scores everybody.
    ///
    /// - Parameter client: A client's index.
    /// - Returns: What became of the client, and the recommendations, best first.
    /// - Throws: `CancellationError` when the task is cancelled.
    public func recommend(client: Int) throws -> (outcome: ClientOutcome, rows: [Recommendation]) {
        var result = ChunkResult()
        let clients = [Int32(client)]
        if let explanation = try explain(client: client), !selector.policy.isExcluded(client: client) {
            selector.serve(
                clients: clients[...], held: portfolios.products(of: explanation.portfolio),
                peers: explanation.peers, candidates: explanation.candidates.map(\.candidate),
                signals: explanation.signals, into: &result)
        } else {
            let held = portfolios.portfolio(ofClient: client).map { portfolios.products(of: $0) } ?? []
            selector.serve(clients: clients[...], held: held, peers: nil, candidates: [], into: &result)
        }
        return (result.selections[0].outcome, result.rows)
    }
}
