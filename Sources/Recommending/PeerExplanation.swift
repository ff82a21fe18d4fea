public import PeerSearch

/// How the score of every candidate of one portfolio comes about, before policy.
///
/// With w the weight of a level's distance, the score of a candidate is the sum of w · mass(holders in the level) over
/// the levels, divided by the sum of w · mass(clients in the level).
public struct PeerExplanation: Sendable, Hashable {
    /// A candidate with what its score is made of.
    public struct ExplainedCandidate: Sendable, Hashable {
        /// The candidate with its score.
        public let candidate: Candidate
        /// Clients in each of the levels of the peers who hold the product.
        public let holdersByLevel: [Int]
        /// What it is made of, where that decided: the score is the sum of weight · score.
        ///
        /// Empty for `PEERS`.
        public let parts: [ExplainedPart]
    }

    /// A part of a product with what the peers say about it.
    public struct ExplainedPart: Sendable, Hashable {
        /// The part with its weight.
        public let part: ProductComponents.Part
        /// Its score by votes; 0 when the client holds it or no peer does.
        public let score: Double
    }

    /// The distinct portfolio.
    public let portfolio: Int
    /// Its peers, nearest first, and their levels.
    public let peers: PeerList
    /// The scores by the signals of a hybrid model; nothing where peers alone decide.
    package let signals: SignalScores?
    /// The candidates, best first.
    public let candidates: [ExplainedCandidate]
}

extension Recommender {
    /// Shows how a client is scored, by the code that scores everybody.
    ///
    /// - Parameter client: A client's index.
    /// - Returns: Nothing for a client without a portfolio.
    /// - Throws: `CancellationError` when the task is cancelled.
    public func explain(client: Int) throws -> PeerExplanation? {
        guard let portfolio = portfolios.portfolio(ofClient: client) else { return nil }
        var scorer = PortfolioScorer(self)
        return try scorer.explain(portfolio: portfolio, client: Int32(client))
    }
}
