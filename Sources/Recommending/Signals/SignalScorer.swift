package import PeerSearch

/// Scores the products for one portfolio after the other, by peers and by other signals; it owns the scratch memory of
/// one worker.
package struct SignalScorer {
    private let portfolios: Portfolios
    private let models: SignalModels?
    private var finder: PeerFinder
    private var votes: VoteCounter
    private var scores: [Double]

    /// Creates a scorer.
    ///
    /// - Parameters:
    ///   - index: The portfolios that are searched for peers.
    ///   - popularity: Their holders.
    ///   - models: What the other signals are computed from; nothing where only peers are asked.
    package init(index: PeerIndex, popularity: ProductPopularity, models: SignalModels? = nil) {
        portfolios = index.portfolios
        self.models = models
        finder = PeerFinder(index: index)
        votes = VoteCounter(index: index, popularity: popularity)
        scores = [Double](repeating: 0, count: index.portfolios.productCount)
    }

    /// The peers of a portfolio.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    package mutating func peers(of portfolio: Int) throws -> PeerList {
        try finder.peers(of: portfolio)
    }

    /// What the peers of a portfolio hold and it lacks, best first.
    package mutating func candidates(of portfolio: Int, peers: PeerList) -> [Candidate] {
        votes.candidates(of: portfolio, peers: peers)
    }

    /// How many clients of each level hold each of some products that the portfolio lacks; see ``VoteCounter``.
    mutating func holdersByLevel(of products: [Int32], peers: PeerList) -> [[Int]] {
        votes.holdersByLevel(of: products, peers: peers)
    }

    /// The scores of all products by one signal.
    ///
    /// - Parameters:
    ///   - signal: The signal; nothing is known of it without its models, and all scores are 0.
    ///   - portfolio: The client's portfolio.
    ///   - segment: The client's segment, -1 for unknown.
    ///   - candidates: What ``candidates(of:peers:)`` has returned for the portfolio.
    /// - Returns: One score per product: 0 for what is held or not scored.
    package mutating func score(
        _ signal: Signal, portfolio: Int, segment: Int32, candidates: [Candidate]
    ) -> [Double] {
        let held = portfolios.products(of: portfolio)
        for product in scores.indices { scores[product] = 0 }
        if signal == .peers {
            for candidate in candidates { scores[Int(candidate.product)] = candidate.score }
        } else {
            models?.score(signal, held: held, segment: segment, into: &scores)
            for product in held { scores[Int(product)] = 0 }
        }
        return scores
    }
}
