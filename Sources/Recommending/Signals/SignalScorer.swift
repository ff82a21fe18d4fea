package import PeerSearch

/// Scores the products for one portfolio after the other, by peers and by other signals; it owns the scratch memory of
/// one worker.
package struct SignalScorer {
    private let portfolios: Portfolios
    private let models: SignalModels?
    private var finder: PeerFinder
    private var recentFinder: PeerFinder?
    private var votes: VoteCounter
    private var recentVotes: RecentPeers.Scratch
    /// What was returned last: its memory is used again once nobody else holds it.
    private var scores: SignalScores

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
        recentFinder = models?.recentPeers.map { PeerFinder(index: $0.index) }
        votes = VoteCounter(index: index, popularity: popularity)
        recentVotes = RecentPeers.Scratch()
        scores = SignalScores(productCount: portfolios.productCount)
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

    /// The scores of all products by some signals.
    ///
    /// - Parameters:
    ///   - signals: The signals that are wanted.
    ///   - portfolio: The client's portfolio.
    ///   - segment: The client's segment, -1 for unknown.
    ///   - candidates: What ``candidates(of:peers:)`` has returned for the portfolio.
    /// - Returns: One score per product for each signal: 0 for what is held or not scored.
    /// - Throws: `CancellationError` when the task is cancelled.
    package mutating func score(
        _ signals: [Signal], portfolio: Int, segment: Int32, candidates: [Candidate]
    ) throws -> SignalScores {
        let held = portfolios.products(of: portfolio)
        for signal in Signal.allCases where !signals.contains(signal) { scores[signal] = [] }
        for signal in signals {
            switch signal {
            case .peers:
                scores.write(signal) { values in
                    values.reset(count: values.count)
                    for candidate in candidates { values[Int(candidate.product)] = candidate.score }
                }
            case .recentPeers:
                guard let recent = models?.recentPeers, let peers = try recentFinder?.peers(of: portfolio) else {
                    continue
                }
                scores.write(signal) { recent.score(peers, into: &$0, using: &recentVotes) }
            case .softmax:
                guard let softmax = models?.softmax else { continue }
                let attributes = portfolios.attributes(of: portfolio)
                scores.write(signal) { softmax.score(held: held, attributes: attributes, into: &$0) }
            default:
                guard let models, models.signals.contains(signal) else { continue }
                scores.write(signal) { models.score(signal, held: held, segment: segment, into: &$0) }
            }
            scores.write(signal) { values in
                for product in held { values[Int(product)] = 0 }
            }
        }
        return scores
    }
}
