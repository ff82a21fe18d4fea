import PeerSearch

/// Scores one portfolio after the other; it owns the scratch memory of one worker.
struct PortfolioScorer {
    private let portfolios: Portfolios
    private let selector: RowSelector
    private var finder: PeerFinder
    private var votes: VoteCounter

    init(index: PeerIndex, selector: RowSelector) {
        portfolios = index.portfolios
        self.selector = selector
        finder = PeerFinder(index: index)
        votes = VoteCounter(index: index, popularity: selector.popularity)
    }

    /// Finds the peers of a chunk of portfolios and serves their clients.
    ///
    /// - Throws: `CancellationError` within a few milliseconds of a cancellation.
    mutating func score(chunk: ArraySlice<Int32>) throws -> ChunkResult {
        var result = ChunkResult(portfolioCount: chunk.count)
        let clock = ContinuousClock()
        for portfolio in chunk.lazy.map({ Int($0) }) {
            let start = clock.now
            let clients = portfolios.clients(of: portfolio)
            let isAnyoneServed = clients.contains { !selector.policy.isExcluded(client: Int($0)) }
            let peers = isAnyoneServed ? try finder.peers(of: portfolio) : nil
            let found = clock.now
            let candidates = peers.map { votes.candidates(of: portfolio, peers: $0) } ?? []
            selector.serve(
                clients: clients, held: portfolios.products(of: portfolio), peers: peers, candidates: candidates,
                into: &result)
            result.searchTime += found - start
            result.scoreTime += clock.now - found
        }
        return result
    }

    /// Shows how one portfolio is scored.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    mutating func explain(portfolio: Int) throws -> PeerExplanation {
        let peers = try finder.peers(of: portfolio)
        let candidates = votes.candidates(of: portfolio, peers: peers)
        let holders = votes.holdersByLevel(of: candidates.map(\.product), peers: peers)
        return PeerExplanation(
            portfolio: portfolio,
            peers: peers,
            candidates: zip(candidates, holders).map { candidate, holders in
                PeerExplanation.ExplainedCandidate(candidate: candidate, holdersByLevel: holders)
            }
        )
    }
}
