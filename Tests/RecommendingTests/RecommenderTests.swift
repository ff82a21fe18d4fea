import Holdings
import PeerSearch
import Recommending
import Synchronization
import TestSupport
import Testing

@Suite("The recommender")
struct RecommenderTests {
    private func recommender(
        _ portfolios: [[Int32]], productCount: Int, model: PeerModel = PeerModel(),
        unavailable: [Int32] = [], exclusions: [Policy.Exclusion] = [], topN: Int = 5
    ) async throws -> Recommender {
        var offsets = [0]
        for portfolio in portfolios { offsets.append(offsets[offsets.count - 1] + portfolio.count) }
        let products = portfolios.flatMap(\.self)
        let holdings = ClientHoldings(
            productCount: productCount, offsets: offsets, products: products,
            amounts: products.map { _ in 1 })
        return try await Recommender(
            ScoringInput(
                holdings: holdings, model: model,
                policy: Policy(
                    clientCount: portfolios.count, productCount: productCount, unavailableProducts: unavailable,
                    exclusions: exclusions),
                topN: topN))
    }

    @Test func nobody() async throws {
        let result = try await recommender([], productCount: 0).recommend()
        #expect(result.clientCount == 0 && result.rowCount == 0)
    }

    @Test func nobodyHoldsAnything() async throws {
        let result = try await recommender([[], []], productCount: 3).recommend()
        #expect(result.clientCount(with: .noPortfolio) == 2)
        #expect(result.rowCount == 0)
    }

    @Test func onlyOneClient() async throws {
        let result = try await recommender([[0, 1]], productCount: 3).recommend()
        #expect(result.outcome(ofClient: 0).status == .fallback)
        #expect(result.outcome(ofClient: 0).kthDistance == nil)
        #expect(result.rowCount == 0)
    }

    @Test func everybodyHoldsEverything() async throws {
        let result = try await recommender([[0, 1], [0, 1], [0, 1]], productCount: 2).recommend()
        #expect(result.clientCount(with: .fallback) == 3)
        #expect(result.rowCount == 0)
    }

    @Test func aFilteredProductIsReplacedByTheNext() async throws {
        let portfolios: [[Int32]] = [[0], [0, 1], [0, 1, 2], [0, 3]]
        let before = try await recommender(portfolios, productCount: 4, topN: 2).recommend()
        #expect(before.rows(ofClient: 0).map(\.product) == [1, 3])
        let after = try await recommender(portfolios, productCount: 4, unavailable: [1], topN: 2).recommend()
        #expect(after.rows(ofClient: 0).map(\.product) == [3, 2])
        let client = Policy.Exclusion(client: 0, product: 3)
        let excluded = try await recommender(portfolios, productCount: 4, exclusions: [client], topN: 2).recommend()
        #expect(excluded.rows(ofClient: 0).map(\.product) == [1, 2])
    }

    @Test func policyThatRemovesEveryCandidateLeavesPopularProducts() async throws {
        let exclusions = [Policy.Exclusion(client: 0, product: 1), Policy.Exclusion(client: 3, product: nil)]
        let result = try await recommender(
            [[0], [0, 1], [2], [0]], productCount: 3, exclusions: exclusions
        ).recommend()
        #expect(result.outcome(ofClient: 0).status == .fallback)
        #expect(result.outcome(ofClient: 0).peers == 1)
        let row = try #require(result.rows(ofClient: 0).first)
        #expect(row.product == 2 && row.reason == .popular && row.score == 0.25 && row.peers == 0)
        #expect(result.outcome(ofClient: 3).status == .excluded)
        #expect(result.rows(ofClient: 3).isEmpty)
    }

    @Test func anExclusionOfEverythingExcludesEverybody() async throws {
        let everything = [Policy.Exclusion(client: nil, product: nil)]
        let result = try await recommender([[0], [1], []], productCount: 2, exclusions: everything).recommend()
        #expect(result.clientCount(with: .excluded) == 3)
    }

    /// Three clients at the k-th distance share two places.
    @Test func tiesShareThePlacesThatAreLeft() async throws {
        let portfolios: [[Int32]] = [[0], [0, 1], [0, 1], [0, 2]]
        let result = try await recommender(portfolios, productCount: 3, model: PeerModel(k: 2)).recommend()
        let rows = result.rows(ofClient: 0)
        #expect(rows.map(\.product) == [1, 2])
        #expect(rows.map(\.peersHolding) == [4.0 / 3, 2.0 / 3])
        #expect(rows.allSatisfy { $0.peers == 2 })
    }

    @Test func explanationAddsUpToTheScore() async throws {
        let recommender = try await recommender(
            [[0], [0, 1], [0, 1, 2], [0, 3]], productCount: 4, model: PeerModel(k: 2))
        let explanation = try #require(try recommender.explain(client: 0))
        for explained in explanation.candidates {
            var votes = 0.0
            var all = 0.0
            for (level, holders) in zip(explanation.peers.levels, explained.holdersByLevel) {
                let weight = DistanceMetric.cosine.weight(ofDistance: level.distance)
                votes += weight * level.mass(ofClients: holders)
                all += weight * level.mass(ofClients: level.clients)
            }
            #expect(explained.candidate.score == votes / all)
        }
        #expect(explanation.candidates.count == 2)
    }

    /// The same bits for every chunk size and width, and when clients change places.
    @Test(arguments: DistanceMetric.allCases)
    func chunksWidthsAndClientIndexesDoNotMatter(distance: DistanceMetric) async throws {
        var random = SeededGenerator(seed: 11)
        let market = SampleMarket(clientCount: 400, productCount: 12, random: &random)
        let model = PeerModel(encoding: .share, distance: distance, decimals: 2, k: 20)
        let recommender = try await Recommender(ScoringInput(holdings: market.engineHoldings, model: model, topN: 3))
        let expected = try await recommender.recommend(chunkSize: 64, width: 1)
        for (chunkSize, width) in [(1, 1), (1, 7), (3, 2), (399, 2), (Int.max, 4)] {
            let actual = try await recommender.recommend(chunkSize: chunkSize, width: width)
            for client in 0..<400 {
                #expect(actual.result(ofClient: client) == expected.result(ofClient: client))
            }
        }
        let places = Array(0..<400).shuffled(using: &random)
        let moved = SampleMarket(productCount: 12, holdings: places.map { market.holdings[$0] })
        let actual = try await Recommender(ScoringInput(holdings: moved.engineHoldings, model: model, topN: 3))
            .recommend()
        for (client, place) in places.enumerated() {
            #expect(actual.result(ofClient: client) == expected.result(ofClient: place))
        }
    }

    @Test func progressEndsWithTheTotal() async throws {
        let portfolios = (0..<7).map { [Int32($0)] }
        let recommender = try await recommender(portfolios, productCount: 7)
        let seen = Mutex<[Int]>([])
        _ = try await recommender.recommend(chunkSize: 3, width: 2) { done, total in
            #expect(total == 7)
            seen.withLock { $0.append(done) }
        }
        let done = seen.withLock { $0 }
        #expect(done.count == 3 && done == done.sorted() && done.last == 7)
    }

    /// The first report of progress cancels the task; the rest of the work must not happen.
    @Test func cancellationStopsTheSearch() async throws {
        var random = SeededGenerator(seed: 3)
        let market = SampleMarket(clientCount: 3_000, productCount: 12, random: &random)
        let recommender = try await Recommender(
            ScoringInput(holdings: market.engineHoldings, model: PeerModel(encoding: .share), topN: 3))
        let reports = Mutex(0)
        let task = Task {
            try await recommender.recommend(chunkSize: 8, width: 2) { _, _ in
                reports.withLock { $0 += 1 }
                withUnsafeCurrentTask { $0?.cancel() }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        // What was under way at the time may still be reported, what had not begun may not.
        #expect(reports.withLock { $0 } <= 4)
    }

    @Test func cancellationStopsThePreparations() async throws {
        var random = SeededGenerator(seed: 4)
        let market = SampleMarket(clientCount: 100, productCount: 12, random: &random)
        let index = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await Recommender(
                ScoringInput(holdings: market.engineHoldings, model: PeerModel(encoding: .share), topN: 3))
        }
        await #expect(throws: CancellationError.self) { try await index.value }
        let holdings = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            var builder = HoldingsBuilder()
            builder.add(client: 0, product: 0, amount: 1)
            _ = try builder.finish(clientOrder: [0], productOrder: [0])
        }
        await #expect(throws: CancellationError.self) { try await holdings.value }
    }

    @Test func noRowsPerClientIsAMistake() async {
        await #expect(processExitsWith: .failure) {
            let holdings = ClientHoldings(productCount: 0, offsets: [0], products: [], amounts: [])
            _ = ScoringInput(holdings: holdings, model: PeerModel(), topN: 0)
        }
    }
}
