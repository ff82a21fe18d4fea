import Testing

@testable import Holdings
@testable import PeerSearch

@Suite("Finding peers")
struct PeerFinderTests {
    private func peers(
        of client: Int, in clients: [[(Int32, Double)]], _ model: PeerModel
    ) throws -> PeerList {
        let portfolios = try Portfolios(encoding: PortfoliosTests.holdings(clients), as: model.encoding)
        var finder = PeerFinder(index: try PeerIndex(portfolios: portfolios, model: model))
        return try finder.peers(of: try #require(portfolios.portfolio(ofClient: client)))
    }

    @Test func twinsAndSubsetsTeachNothing() throws {
        let clients: [[(Int32, Double)]] = [[(0, 1), (1, 1)], [(0, 1), (1, 1)], [(0, 1)], [(0, 1), (2, 1)]]
        let informative = try peers(of: 0, in: clients, PeerModel())
        #expect(informative.placeCount == 1 && informative.kthDistance == 0.5)
        let naive = try peers(of: 0, in: clients, PeerModel(isInformative: false))
        #expect(naive.placeCount == 3)
        #expect(naive.levels.map(\.distance) == [0, 0.2929, 0.5])
        #expect(naive.levels.map(\.clients) == [1, 1, 1])
    }

    @Test func leastOverlap() throws {
        let clients: [[(Int32, Double)]] = [[(0, 1), (1, 1)], [(0, 1), (2, 1)], [(3, 1)], [(0, 1), (1, 1), (3, 1)]]
        #expect(try peers(of: 0, in: clients, PeerModel(minOverlap: 0)).placeCount == 3)
        #expect(try peers(of: 0, in: clients, PeerModel(minOverlap: 1)).placeCount == 2)
        #expect(try peers(of: 0, in: clients, PeerModel(minOverlap: 2)).placeCount == 1)
        #expect(try peers(of: 0, in: clients, PeerModel(minOverlap: 3)).kthDistance == nil)
    }

    @Test func theKthPlaceIsShared() throws {
        let clients: [[(Int32, Double)]] = [[(0, 1)], [(0, 1), (1, 1)], [(0, 1), (2, 1)], [(0, 1), (2, 1)]]
        let list = try peers(of: 0, in: clients, PeerModel(k: 2))
        #expect(list.peers.count == 2 && list.placeCount == 2)
        let level = try #require(list.levels.first)
        #expect(level.clients == 3 && level.places == 2 && level.fraction == 2.0 / 3)
        #expect(level.mass(ofClients: 3) == 2 && level.mass(ofClients: 1) == 2.0 / 3)
    }

    /// Products of squared norms that leave the normal range still give exact rounded distances.
    @Test(arguments: [1e-150, 1e150])
    func extremeAmounts(scale: Double) throws {
        for distance in DistanceMetric.allCases {
            let model = PeerModel(encoding: .amount, distance: distance, decimals: 15, isInformative: false)
            let list = try peers(of: 0, in: [[(0, scale), (1, scale)], [(0, scale), (1, scale)]], model)
            #expect(list.kthDistance == 0)
        }
    }
}
