import TestSupport
import Testing

@testable import Holdings
@testable import PeerSearch

/// Votes by sets of products on every kernel, and by lists of products, against counting product by product.
@Suite struct VoteTallyTests {
    /// 2,000 invented markets, each with three lists of peers.
    @Test(arguments: 0..<20) func sumsAreThoseOfTheDefinition(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<100 { try compare(RandomMarket(using: &random), using: &random) }
    }

    private func compare(_ market: RandomMarket, using random: inout SeededGenerator) throws {
        let model = PeerModel(
            encoding: [.binary, .share].randomElement(using: &random) ?? .share,
            distance: DistanceMetric.allCases.randomElement(using: &random) ?? .cosine)
        let portfolios = try Portfolios(encoding: market.holdings, as: model.encoding)
        let kernel = SearchKernel.supported.randomElement(using: &random) ?? .best
        let index = try PeerIndex(portfolios: portfolios, model: model, kernel: kernel)
        let bySets = VoteTally(index: index, sets: try ProductSets(portfolios))
        let byLists = VoteTally(index: index, sets: nil)
        // Several portfolios, one after the other: nothing must be left of the one before.
        for _ in 0..<3 {
            let list = PeerList(
                sorted: PeerListTests.peers(portfolioCount: portfolios.count, using: &random),
                k: [1, 2, 10, 50, Int.max].randomElement(using: &random) ?? 1,
                scale: [1e4, 1e5 as Double].randomElement(using: &random) ?? 1e4)
            let expected = Self.sums(list, portfolios, model.distance)
            for (tally, sums) in [("sets", bySets.count(list)), ("lists", byLists.count(list))] {
                let actual = Sums(
                    votes: (0..<portfolios.productCount).map { sums.votes[$0] },
                    masses: (0..<portfolios.productCount).map { sums.masses[$0] }, total: sums.total)
                #expect(actual == expected, "\(tally), \(kernel.name)")
                let products = sums.products.map { Int($0) }
                #expect(Set(products).count == products.count)
                #expect(Set(products).isSuperset(of: expected.masses.indices.filter { expected.masses[$0] > 0 }))
            }
        }
    }

    private struct Sums: Equatable {
        var votes: [Double]
        var masses: [Double]
        var total = 0.0
    }

    /// The definition.
    private static func sums(_ peers: PeerList, _ portfolios: Portfolios, _ metric: DistanceMetric) -> Sums {
        let none = [Double](repeating: 0, count: portfolios.productCount)
        var sums = Sums(votes: none, masses: none)
        for level in peers.levels {
            let weight = metric.weight(ofDistance: level.distance)
            sums.total += weight * level.mass(ofClients: level.clients)
            var holders = [Int](repeating: 0, count: portfolios.productCount)
            for peer in peers.peers[level.range] {
                for product in portfolios.products(of: Int(peer.portfolio)) {
                    holders[Int(product)] += Int(peer.clients)
                }
            }
            for product in holders.indices {
                sums.masses[product] += level.mass(ofClients: holders[product])
                sums.votes[product] += weight * level.mass(ofClients: holders[product])
            }
        }
        return sums
    }

    @Test func rowsAreForFewProducts() throws {
        func portfolios(size: Int, productCount: Int) throws -> Portfolios {
            let client = (0..<Int32(size)).map { ($0, 1.0) }
            return try Portfolios(
                encoding: PortfoliosTests.holdings([client], productCount: productCount), as: .binary)
        }
        #expect(ProductSets.areFaster(try portfolios(size: 1, productCount: 32)))
        #expect(!ProductSets.areFaster(try portfolios(size: 3, productCount: 33)))
        #expect(ProductSets.areFaster(try portfolios(size: 4, productCount: 33)))
        #expect(!ProductSets.areFaster(try portfolios(size: 10, productCount: 800)))
    }
}
