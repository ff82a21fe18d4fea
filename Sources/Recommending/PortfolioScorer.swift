import PeerSearch

/// Scores one portfolio after the other; it owns the scratch memory of one worker.
struct PortfolioScorer {
    private let portfolios: Portfolios
    private let audiences: Audiences
    private let selector: RowSelector
    private var scorer: SignalScorer
    private let hybrid: HybridSignals?
    private var scratch = HybridScratch()
    private let components: ProductComponents?
    private var componentScorer: ComponentScorer?

    init(_ recommender: Recommender) {
        portfolios = recommender.portfolios
        audiences = recommender.audiences
        selector = recommender.selector
        hybrid = recommender.hybrid
        components = recommender.components
        let popularity = recommender.popularity
        scorer = SignalScorer(index: recommender.index, popularity: popularity, models: recommender.hybrid?.models)
        componentScorer = recommender.components.map { ComponentScorer(components: $0, popularity: popularity) }
    }

    /// Finds the peers of a chunk of portfolios and chooses the lists of their clients.
    ///
    /// - Returns: The lists, portfolio by portfolio in the order of their numbers.
    /// - Throws: `CancellationError` within a few milliseconds of a cancellation.
    mutating func score(chunk: ArraySlice<Int32>) throws -> ListResults {
        var result = ListResults()
        let clock = ContinuousClock()
        for portfolio in chunk.lazy.map({ Int($0) }) {
            let start = clock.now
            let lists = audiences.lists(of: portfolio)
            let peers = lists.allSatisfy { audiences[$0].isExcluded } ? nil : try scorer.peers(of: portfolio)
            let found = clock.now
            let voted = peers.map { scorer.candidates(of: portfolio, peers: $0) } ?? []
            var ranked: (group: Int32, candidates: [Candidate], scores: SignalScores?)?
            for list in lists {
                let audience = audiences[list]
                if !audience.isExcluded, ranked?.group != audiences.groupOfList[list] {
                    let (fused, scores) = try fused(voted, portfolio: portfolio, segment: audience.segment)
                    ranked = (audiences.groupOfList[list], extended(fused, portfolio), scores)
                }
                selector.appendList(
                    for: audience, held: portfolios.products(of: portfolio), peers: peers,
                    candidates: ranked?.candidates ?? [], scores: ranked?.scores, to: &result)
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

    private mutating func fused(
        _ voted: [Candidate], portfolio: Int, segment: Int32
    ) throws -> (candidates: [Candidate], signals: SignalScores?) {
        guard let hybrid else { return (voted, nil) }
        let scores = try scorer.score(
            hybrid.models.signals, portfolio: portfolio, segment: segment, candidates: voted)
        return (
            hybrid.candidates(voted, scores: scores, held: portfolios.products(of: portfolio), using: &scratch), scores
        )
    }

    private mutating func extended(_ candidates: [Candidate], _ portfolio: Int) -> [Candidate] {
        componentScorer?.candidates(extending: candidates, held: portfolios.products(of: portfolio)) ?? candidates
    }
}
