import PeerSearch
import TestSupport
import Testing

@testable import Recommending

/// The candidates of a hybrid model, against fusing and sorting everything, with one worker's memory for all clients.
@Suite struct HybridSignalsTests {
    @Test(arguments: 0..<100) func candidates(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let history = try RandomHistory(using: &random)
        let portfolios = try Portfolios(encoding: history.holdings, as: .binary)
        let popularity = ProductPopularity(of: portfolios)
        var weights: [Signal: Double] = [:]
        for signal in Signal.weighted where Bool.random(using: &random) { weights[signal] = 1 }
        let model = HybridModel(weights: weights, recency: [0, 0.5, 1].randomElement(using: &random) ?? 0)
        let models = try await SignalModels(
            Set(model.signals), portfolios: portfolios, popularity: popularity,
            context: .init(recent: history.recent, segmentOfClient: history.segments, easeLambda: 1),
            model: PeerModel(), kernel: .best)
        let hybrid = HybridSignals(model: model, models: models, segmentOfClient: history.segments)
        let index = try PeerIndex(portfolios: portfolios, model: PeerModel())
        var scorer = SignalScorer(index: index, popularity: popularity, models: models)
        var scratch = HybridScratch()
        for client in history.clients {
            let portfolio = try #require(portfolios.portfolio(ofClient: client))
            let held = portfolios.products(of: portfolio)
            let voted = scorer.candidates(of: portfolio, peers: try scorer.peers(of: portfolio))
            let scores = try scorer.score(
                models.signals, portfolio: portfolio, segment: history.segments[client], candidates: voted)
            let found = hybrid.candidates(voted, scores: scores, held: held, using: &scratch)
            let ranked = (0..<portfolios.productCount).filter {
                popularity.holders[$0] > 0 && !held.contains(Int32($0))
            }
            let fused = model.fuse(scores, isLaunched: models.recent?.isLaunched, isRanked: ranked.contains)
            let expected = ranked.filter { fused[$0] > 0 }.map { product in
                let peersHolding = voted.first { $0.product == product }?.peersHolding ?? 0
                return Candidate(
                    product: Int32(product), score: fused[product], peersHolding: peersHolding,
                    reason: weights[.peers] != nil && peersHolding > 0 ? .peers : .hybrid)
            }
            #expect(found == expected.sorted(by: popularity.ranksBefore))
        }
    }

    /// What a scorer has returned stays as it is when it scores the next portfolio, in whatever memory.
    @Test func scoresThatAreKept() async throws {
        var random = SeededGenerator(seed: 5)
        let history = try RandomHistory(using: &random)
        let portfolios = try Portfolios(encoding: history.holdings, as: .binary)
        let popularity = ProductPopularity(of: portfolios)
        let models = try await SignalModels(
            Set(Signal.allCases), portfolios: portfolios, popularity: popularity,
            context: .init(recent: history.recent, segmentOfClient: history.segments), model: PeerModel(), kernel: .best
        )
        let index = try PeerIndex(portfolios: portfolios, model: PeerModel())
        func scores(_ scorer: inout SignalScorer, _ portfolio: Int, _ signals: [Signal]) throws -> SignalScores {
            let candidates = scorer.candidates(of: portfolio, peers: try scorer.peers(of: portfolio))
            return try scorer.score(signals, portfolio: portfolio, segment: 0, candidates: candidates)
        }
        var scorer = SignalScorer(index: index, popularity: popularity, models: models)
        // Asked for fewer signals now and then, whose scores must not be those of an earlier portfolio.
        let wanted = (0..<portfolios.count).map { $0.isMultiple(of: 3) ? [.peers] : models.signals }
        let kept = try wanted.enumerated().map { try scores(&scorer, $0.offset, $0.element) }
        for (portfolio, signals) in wanted.enumerated() {
            var fresh = SignalScorer(index: index, popularity: popularity, models: models)
            #expect(try scores(&fresh, portfolio, signals) == kept[portfolio])
        }
    }
}
