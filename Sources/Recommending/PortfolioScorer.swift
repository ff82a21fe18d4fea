import PeerSearch

/// Scores one portfolio after the other; it owns the scratch memory of one worker.
struct PortfolioScorer {
    private let portfolios: Portfolios
    private let selector: RowSelector
    private var finder: PeerFinder
    private var votes: VoteCounter
    private let components: ProductComponents?
    private var componentScorer: ComponentScorer?

    init(index: PeerIndex, selector: RowSelector, components: ProductComponents?) {
        portfolios = index.portfolios
        self.selector = selector
        finder = PeerFinder(index: index)
        votes = VoteCounter(index: index, popularity: selector.popularity)
        self.components = components
        componentScorer = components.map { ComponentScorer(components: $0, popularity: selector.popularity) }
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
            let candidates = peers.map { extended(votes.candidates(of: portfolio, peers: $0), portfolio) } ?? []
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
        let voted = votes.candidates(of: portfolio, peers: peers)
        let scores = Dictionary(uniqueKeysWithValues: voted.map { ($0.product, $0.score) })
        let candidates = extended(voted, portfolio)
        let holders = votes.holdersByLevel(of: candidates.map(\.product), peers: peers)
        return PeerExplanation(
            portfolio: portfolio,
            peers: peers,
            candidates: zip(candidates, holders).map { candidate, holders in
                let parts = candidate.reason == .components ? components?.parts(of: candidate.product) ?? [] : []
                return PeerExplanation.ExplainedCandidate(
                    candidate: candidate, holdersByLevel: holders,
                    parts: parts.map { .init(part: $0, score: scores[$0.product] ?? 0) })
            }
        )
    }

    private mutating func extended(_ candidates: [Candidate], _ portfolio: Int) -> [Candidate] {
        componentScorer?.candidates(extending: candidates, held: portfolios.products(of: portfolio)) ?? candidates
    }
}
