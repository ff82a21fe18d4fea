import PeerSearch
import TestSupport
import Testing

@testable import Recommending

/// Signals that are plain counts, and what all signals have in common.
@Suite struct SignalModelsTests {
    @Test(arguments: 0..<150) func sharesAreCounts(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let history = try RandomHistory(using: &random)
        let setup = try await Self.setup(history, Set(Signal.allCases), PeerModel())
        let models = setup.models
        let clients = history.clients
        for client in clients {
            let held = history.held(by: client).map { Int32($0) }[...]
            let segment = history.segments[client]
            // Clients of unknown segments see popularity among all.
            let members = segment < 0 ? clients : clients.filter { history.segments[$0] == segment }
            var scores = [Double](repeating: .nan, count: history.warehouse.productCount)
            models.score(.popularity, held: held, segment: segment, into: &scores)
            #expect(scores == scores.indices.map { Self.share(of: history.holders(of: $0), among: clients) })
            models.score(.segmentPopularity, held: held, segment: segment, into: &scores)
            #expect(scores == scores.indices.map { Self.share(of: history.holders(of: $0), among: members) })
            guard history.recent != nil else { continue }
            models.score(.recentPopularity, held: held, segment: segment, into: &scores)
            let expected = scores.indices.map { product in
                Self.share(of: clients.filter { history.additions[$0].contains(product) }, among: clients)
            }
            #expect(scores == expected)
        }
    }

    /// What nothing is known of is left out.
    @Test func unknownSignals() async throws {
        var random = SeededGenerator(seed: 3)
        var history = try RandomHistory(using: &random)
        while history.recent == nil { history = try RandomHistory(using: &random) }
        let portfolios = try Portfolios(encoding: history.holdings, as: .binary)
        let popularity = ProductPopularity(of: portfolios)
        func signals(_ context: SignalContext) async throws -> [Signal] {
            try await SignalModels(
                Set(Signal.allCases), portfolios: portfolios, popularity: popularity, context: context,
                model: PeerModel(), kernel: .best
            ).signals
        }
        let held: [Signal] = [.peers, .itemConditional, .ease, .popularity]
        #expect(try await signals(.init()) == held + [.softmax])
        #expect(try await signals(.init(segmentOfClient: history.segments)) == held + [.segmentPopularity, .softmax])
        #expect(
            try await signals(.init(recent: history.recent))
                == held + [.recentPopularity, .recentPeers, .recentItemConditional, .recentEASE, .softmax])
        #expect(try await signals(.init(recent: history.recent, segmentOfClient: history.segments)) == Signal.allCases)
    }

    /// Shares are in 0...1, EASE is near, what is held scores nothing, and a second look finds the same bits.
    @Test(arguments: 0..<100) func everySignal(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let history = try RandomHistory(using: &random)
        let model = PeerModel(
            encoding: Encoding.allCases.randomElement(using: &random) ?? .binary,
            distance: DistanceMetric.allCases.randomElement(using: &random) ?? .cosine,
            k: [1, 3, 200].randomElement(using: &random) ?? 1)
        let setup = try await Self.setup(history, Set(Signal.allCases), model)
        let again = try await Self.setup(history, Set(Signal.allCases), model)
        var (first, second) = (try setup.scorer(), try again.scorer())
        for client in history.clients {
            let portfolio = try #require(setup.portfolios.portfolio(ofClient: client))
            let segment = history.segments[client]
            let candidates = first.candidates(of: portfolio, peers: try first.peers(of: portfolio))
            let scores = try first.score(
                setup.models.signals, portfolio: portfolio, segment: segment, candidates: candidates)
            let others = second.candidates(of: portfolio, peers: try second.peers(of: portfolio))
            let again = try second.score(
                setup.models.signals.shuffled(using: &random), portfolio: portfolio, segment: segment,
                candidates: others)
            for signal in Signal.allCases {
                #expect(scores[signal].isEmpty == !setup.models.signals.contains(signal))
                #expect(scores[signal] == again[signal])
                if scores[signal].isEmpty { continue }
                for product in history.held(by: client) { #expect(scores[signal][product] == 0) }
                let isBound = signal != .ease && signal != .recentEASE
                #expect(scores[signal].allSatisfy { isBound ? (0...1).contains($0) : abs($0) < 2 }, "\(signal)")
            }
            var weights: [Signal: Double] = [:]
            for signal in Signal.weighted { weights[signal] = .random(in: 0...2, using: &random) }
            let hybrid = HybridModel(weights: weights, recency: [0, 0.5, 2].randomElement(using: &random) ?? 0)
            let fused = hybrid.fuse(scores, isLaunched: setup.models.recent?.isLaunched) { _ in true }
            #expect(fused.allSatisfy { (0...1).contains($0) })
        }
    }

    private struct Setup {
        let portfolios: Portfolios
        let popularity: ProductPopularity
        let models: SignalModels
        let model: PeerModel

        func scorer() throws -> SignalScorer {
            SignalScorer(
                index: try PeerIndex(portfolios: portfolios, model: model), popularity: popularity, models: models)
        }
    }

    private static func setup(
        _ history: RandomHistory, _ signals: Set<Signal>, _ model: PeerModel
    ) async throws -> Setup {
        let portfolios = try Portfolios(encoding: history.holdings, as: model.encoding)
        let popularity = ProductPopularity(of: portfolios)
        let models = try await SignalModels(
            signals, portfolios: portfolios, popularity: popularity,
            context: .init(recent: history.recent, segmentOfClient: history.segments, easeLambda: 1), model: model,
            kernel: .best)
        return Setup(portfolios: portfolios, popularity: popularity, models: models, model: model)
    }

    private static func share(of clients: [Int], among others: [Int]) -> Double {
        Double(Set(clients).intersection(others).count) / Double(others.count)
    }
}
