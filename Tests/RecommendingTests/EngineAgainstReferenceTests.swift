import PeerSearch
import Recommending
import TestSupport
import Testing

@Suite("The engine against the reference")
struct EngineAgainstReferenceTests {
    /// Every distance, encoding, kind of peer and least overlap, each with 48 invented warehouses: 3,456 in all.
    @Test(arguments: 0..<48)
    func smallWarehouses(seed: Int) async throws {
        try await compareEveryModel(hasAttributes: false, seed: seed)
    }

    /// As many with attributes of clients.
    @Test(arguments: 100..<148)
    func smallWarehousesWithAttributes(seed: Int) async throws {
        try await compareEveryModel(hasAttributes: true, seed: seed)
    }

    private func compareEveryModel(hasAttributes: Bool, seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for distance in DistanceMetric.allCases {
            for encoding in Encoding.allCases {
                for isInformative in [true, false] {
                    for minOverlap in 0...2 {
                        let model = PeerModel(
                            encoding: encoding, distance: distance,
                            decimals: [0, 1, 2, 4, 4, 8, 15].randomElement(using: &random) ?? 4,
                            k: [1, 2, 3, 5, 8, 200, Int.max].randomElement(using: &random) ?? 1,
                            isInformative: isInformative, minOverlap: minOverlap)
                        let topN = Int.random(in: 1...5, using: &random)
                        var warehouse = RandomWarehouse(using: &random)
                        if hasAttributes { warehouse.addAttributes(using: &random) }
                        try await compare(warehouse, model: model, topN: topN, random: &random)
                    }
                }
            }
        }
    }

    private func compare(
        _ warehouse: RandomWarehouse, model: PeerModel, topN: Int, random: inout SeededGenerator
    ) async throws {
        let holdings = try warehouse.engineHoldings(using: &random)
        let recommender = try await Recommender(
            ScoringInput(
                holdings: holdings, attributes: warehouse.attributes.map(\.engineAttribute), model: model,
                policy: warehouse.policy, topN: topN, components: warehouse.engineComponents(using: &random),
                incumbents: warehouse.engineIncumbents(using: &random)))
        let actual = try await recommender.recommend(
            chunkSize: Int.random(in: 1...5, using: &random), width: Int.random(in: 1...3, using: &random))
        let reference = warehouse.reference(model: model, topN: topN)
        for client in warehouse.holdings.indices {
            let expected = reference.result(ofClient: client)
            #expect(actual.result(ofClient: client) == expected, "\(model), client \(client), \(warehouse)")
        }
    }

    /// More portfolios than a block holds, so that the filter and the selection have something to discard.
    @Test(arguments: DistanceMetric.allCases, Encoding.allCases)
    func severalBlocks(distance: DistanceMetric, encoding: Encoding) async throws {
        try await compareSome(distance, encoding, attributeCount: 0)
    }

    @Test(arguments: DistanceMetric.allCases, Encoding.allCases)
    func severalBlocksWithAttributes(distance: DistanceMetric, encoding: Encoding) async throws {
        try await compareSome(distance, encoding, attributeCount: 2)
    }

    private func compareSome(_ distance: DistanceMetric, _ encoding: Encoding, attributeCount: Int) async throws {
        var random = SeededGenerator(seed: 7)
        let market = SampleMarket(clientCount: 5_000, productCount: 17, random: &random)
        let attributes = (0..<attributeCount).map { _ in
            ReferenceAttribute.random(clientCount: 5_000, using: &random)
        }
        let attributeColumns = attributes.map(\.columns)
        for (isInformative, k, decimals) in [(true, 200, 4), (false, 37, 2), (true, 3_000, 15)] {
            let model = PeerModel(
                encoding: encoding, distance: distance, decimals: decimals, k: k, isInformative: isInformative,
                minOverlap: isInformative ? 1 : 0)
            let recommender = try await Recommender(
                ScoringInput(
                    holdings: market.engineHoldings, attributes: attributes.map(\.engineAttribute), model: model,
                    topN: 5))
            let reference = ReferenceModel(
                holdings: market.holdings, productCount: 17, model: model, topN: 5,
                attributeColumns: attributeColumns)
            let clients = (0..<4).map { _ in Int.random(in: 0..<5_000, using: &random) }
            for client in clients {
                let expected = reference.result(ofClient: client)
                let explanation = try recommender.explain(client: client)
                guard let explanation else {
                    #expect(expected.portfolioSize == 0)
                    continue
                }
                #expect(explanation.peers.placeCount == expected.peers)
                #expect(explanation.peers.kthDistance == expected.kthDistance)
                guard expected.status == "scored" else {
                    #expect(explanation.candidates.isEmpty)
                    continue
                }
                let rows = explanation.candidates.prefix(5).map(\.candidate)
                #expect(rows.map { Int($0.product) } == expected.rows.map(\.product))
                #expect(rows.map(\.score) == expected.rows.map(\.score))
                #expect(rows.map(\.peersHolding) == expected.rows.map(\.peersHolding))
            }
        }
    }
}

extension Recommendations {
    /// A client's result in the reference's terms; ranks and reasons are checked on the way.
    func result(ofClient client: Int) -> ReferenceModel.Result {
        let outcome = outcome(ofClient: client)
        let rows = rows(ofClient: client)
        #expect(rows.map(\.rank) == (0..<rows.count).map { Int32($0 + 1) })
        #expect(rows.allSatisfy { ($0.reason != .popular) == (outcome.status == .scored) })
        return ReferenceModel.Result(
            status: outcome.status.rawValue, portfolioSize: outcome.portfolioSize, peers: outcome.peers,
            kthDistance: outcome.kthDistance,
            rows: rows.map {
                ReferenceModel.Row(
                    product: Int($0.product), score: $0.score, peers: $0.peers, peersHolding: $0.peersHolding,
                    reason: $0.reason.rawValue)
            })
    }
}
