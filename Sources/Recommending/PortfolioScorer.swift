import PeerSearch

/// Scores one portfolio after the other; it owns the scratch memory of one worker.
struct PortfolioScorer {
    private let portfolios: Portfolios
    private let selector: RowSelector
    private var scorer: SignalScorer
    private let hybrid: HybridSignals?
    private let components: ProductComponents?
    private var componentScorer: ComponentScorer?

    init(_ recommender: Recommender) {
        portfolios = recommender.portfolios
        selector = recommender.selector
        hybrid = recommender.hybrid
        components = recommender.components
        let popularity = recommender.popularity
        scorer = SignalScorer(index: recommender.index, popularity: popularity, models: recommender.hybrid?.models)
        componentScorer = recommender.components.map { ComponentScorer(components: $0, popularity: popularity) }
    }

    /// Finds the peers of a chunk of portfolios and serves their clients.
    ///
    /// - Throws: `CancellationError` within a few milliseconds of a cancellation.
    mutating func score(chunk: ArraySlice<Int32>) throws -> ChunkResult {
        var result = ChunkResult()
        let clock = ContinuousClock()
        for portfolio in chunk.lazy.map({ Int($0) }) {
            let start = clock.now
            let clients = portfolios.clients(of: portfolio)
            let isAnyoneServed = clients.contains { !selector.policy.isExcluded(client: Int($0)) }
            let peers = isAnyoneServed ? try scorer.peers(of: portfolio) : nil
            let found = clock.now
            let voted = peers.map { scorer.candidates(of: portfolio, peers: $0) } ?? []
            for (segment, clients) in audiences(clients) {
                let (candidates, signals) =
                    isAnyoneServed ? try ranked(voted, portfolio: portfolio, segment: segment) : ([], nil)
                selector.serve(
                    clients: clients, held: portfolios.products(of: portfolio), peers: peers, candidates: candidates,
                    signals: signals, into: &result)
            }
            result.searchTime += found - start
            result.scoreTime += clock.now - found
        }
        return result
    }

    /// Shows how one portfolio is scored.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    mutating func explain(portfolio: Int, client: Int32) throws -> PeerExplanation {
        let peers = try scorer.peers(of: portfolio)
        let voted = scorer.candidates(of: portfolio, peers: peers)
        let (fused, signals) = try fused(voted, portfolio: portfolio, segment: hybrid?.segment(of: client) ?? -1)
        let scores = Dictionary(uniqueKeysWithValues: fused.map { ($0.product, $0.score) })
        let candidates = extended(fused, portfolio)
        let holders = scorer.holdersByLevel(of: candidates.map(\.product), peers: peers)
        return PeerExplanation(
            portfolio: portfolio,
            peers: peers,
            signals: signals,
            candidates: zip(candidates, holders).map { candidate, holders in
                let parts = candidate.reason == .components ? components?.parts(of: candidate.product) ?? [] : []
                return PeerExplanation.ExplainedCandidate(
                    candidate: candidate, holdersByLevel: holders,
                    parts: parts.map { .init(part: $0, score: scores[$0.product] ?? 0) })
            }
        )
    }

    /// The clients of a portfolio by what their scores may differ in.
    private func audiences(_ clients: ArraySlice<Int32>) -> [(segment: Int32, clients: ArraySlice<Int32>)] {
        guard let hybrid, hybrid.models.usesSegments else { return [(-1, clients)] }
        return Dictionary(grouping: clients, by: hybrid.segment(of:)).sorted { $0.key < $1.key }
            .map { ($0.key, $0.value[...]) }
    }

    /// What is offered to the clients of a segment, best first, and the parts of its scores where there are any.
    private mutating func ranked(
        _ voted: [Candidate], portfolio: Int, segment: Int32
    ) throws -> (candidates: [Candidate], signals: SignalScores?) {
        let (candidates, signals) = try fused(voted, portfolio: portfolio, segment: segment)
        return (extended(candidates, portfolio), signals)
    }

    private mutating func fused(
        _ voted: [Candidate], portfolio: Int, segment: Int32
    ) throws -> (candidates: [Candidate], signals: SignalScores?) {
        guard let hybrid else { return (voted, nil) }
        let scores = try scorer.score(
            hybrid.models.signals, portfolio: portfolio, segment: segment, candidates: voted)
        return (hybrid.candidates(voted, scores: scores, held: portfolios.products(of: portfolio)), scores)
    }

    private mutating func extended(_ candidates: [Candidate], _ portfolio: Int) -> [Candidate] {
        componentScorer?.candidates(extending: candidates, held: portfolios.products(of: portfolio)) ?? candidates
    }
}
