import PeerSearch

extension Recommender {
    /// Scores one client, by the code that scores everybody.
    ///
    /// - Parameter client: A client's index.
    /// - Returns: What became of the client, and the recommendations, best first.
    /// - Throws: `CancellationError` when the task is cancelled.
    public func recommend(client: Int) throws -> (outcome: ClientOutcome, rows: [Recommendation]) {
        let explanation = try explain(client: client)
        var result = ListResults()
        selector.appendList(
            for: audiences[Int(audiences.listOfClient[client])],
            held: portfolios.portfolio(ofClient: client).map { portfolios.products(of: $0) } ?? [],
            peers: explanation?.peers, candidates: explanation?.candidates.map(\.candidate) ?? [],
            scores: explanation?.signals, to: &result)
        return (result.lists[0].outcome, Array(result.recommendations(ofList: 0)))
    }
}
