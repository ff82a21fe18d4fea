import TestSupport
import Testing

@testable import PeerSearch

@Suite("Finding peers")
struct PeerFinderTests {
    private func peers(
        of client: Int, in clients: [[(Int32, Double)]], _ model: PeerModel
    ) throws -> PeerList {
        let portfolios = try Portfolios(encoding: PortfoliosTests.holdings(clients), as: model.encoding)
        var finder = PeerFinder(index: PeerIndex(portfolios: portfolios, model: model))
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

    /// A buffer that drops what is beyond the k-th distance returns what sorting everything returns.
    @Test(arguments: 0..<60)
    func theBufferLosesNobody(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let k = [1, 3, 64, 200, 5_000].randomElement(using: &random) ?? 1
        let spread = [1, 10, 1_000, 1_000_000].randomElement(using: &random) ?? 1
        var buffer = PeerBuffer(k: k)
        for _ in 0..<2 {
            buffer.reset()
            let all = (0..<Int.random(in: 0...3_000, using: &random)).map { portfolio in
                PeerList.Peer(
                    portfolio: Int32(portfolio), clients: .random(in: 1...3, using: &random),
                    scaledDistance: Double(Int.random(in: 0..<spread, using: &random)))
            }
            for peer in all.shuffled(using: &random) { _ = buffer.insert(peer) }
            let sorted = all.sorted { ($0.scaledDistance, $0.portfolio) < ($1.scaledDistance, $1.portfolio) }
            var places = k
            let kth = sorted.first { peer in
                places -= Int(peer.clients)
                return places <= 0
            }
            let expected = sorted.filter { $0.scaledDistance <= kth?.scaledDistance ?? .infinity }
            #expect(buffer.sortedPeers() == expected)
        }
    }

    /// No portfolio within a threshold fails the filter, at distances that are as close to the threshold as can be.
    @Test(arguments: DistanceMetric.allCases, Encoding.allCases)
    func theFilterLosesNobody(metric: DistanceMetric, encoding: Encoding) throws {
        var random = SeededGenerator(seed: 5)
        let clients = (0..<90).map { _ in
            (0..<Int32(9)).filter { _ in Int.random(in: 0..<3, using: &random) > 0 }
                .map {
                    ($0, [1e-3, 1, 1e9].randomElement(using: &random) ?? 1 + Double.random(in: 0..<1, using: &random))
                }
        }
        let holdings = PortfoliosTests.holdings(clients, productCount: 9)
        let portfolios = try Portfolios(encoding: holdings, as: encoding)
        var lost = 0
        for decimals in [0, 4, 15] {
            let distance = PortfolioDistance(portfolios: portfolios, metric: metric, decimals: decimals)
            let filter = DistanceFilter(distance: distance)
            for query in 0..<portfolios.count {
                let own = portfolios.columns(of: query)
                for other in 0..<portfolios.count {
                    var overlap = 0.0
                    for column in own {
                        let product = portfolios.products[column]
                        let match = portfolios.columns(of: other).first { portfolios.products[$0] == product }
                        guard let match else { continue }
                        let (x, y) = (portfolios.values[column], portfolios.values[match])
                        overlap += metric == .manhattan ? min(x, y) : x * y
                    }
                    let scaled = distance.scaled(from: query, to: other, overlap: overlap)
                    let floor = filter.floor(of: query, threshold: scaled)
                    if filter.scaledOverlap(overlap, of: other) < floor { lost += 1 }
                }
            }
        }
        #expect(lost == 0)
    }
}
