import Holdings
import PeerSearch
import TestSupport
import Testing

@testable import Recommending

/// Candidates by votes against counting and sorting in the plainest way.
@Suite struct VoteCounterTests {
    /// 1,000 invented markets of few products and of many, so that candidates are put in order in both ways.
    @Test(arguments: 0..<20) func candidatesAreThoseOfTheDefinition(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<50 { try compareWithDefinition(using: &random) }
    }

    private func compareWithDefinition(using random: inout SeededGenerator) throws {
        let productCount = [1, 5, 31, 64, 150].randomElement(using: &random) ?? 1
        let density = [0.02, 0.1, 0.5].randomElement(using: &random) ?? 0.5
        let warehouse = (0..<Int.random(in: 2...40, using: &random)).map { _ in
            (0..<Int32(productCount)).filter { _ in Double.random(in: 0..<1, using: &random) < density }
                .map { ($0, Double(Int.random(in: 1...3, using: &random))) }
        }
        let model = PeerModel(
            encoding: [.binary, .share].randomElement(using: &random) ?? .share,
            distance: DistanceMetric.allCases.randomElement(using: &random) ?? .cosine,
            decimals: [0, 1, 4].randomElement(using: &random) ?? 4,
            k: [1, 3, 10, 200].randomElement(using: &random) ?? 1,
            minOverlap: Int.random(in: 0...1, using: &random))
        let portfolios = try Portfolios(
            encoding: Self.holdings(warehouse, productCount: productCount), as: model.encoding)
        let popularity = ProductPopularity(of: portfolios)
        let kernel = SearchKernel.supported.randomElement(using: &random) ?? .best
        let index = try PeerIndex(portfolios: portfolios, model: model, kernel: kernel)
        var finder = PeerFinder(index: index)
        var counter = VoteCounter(index: index, popularity: popularity)
        for portfolio in (0..<portfolios.count).shuffled(using: &random).prefix(10) {
            let peers = try finder.peers(of: portfolio)
            let (expected, holders) = candidates(of: portfolio, peers, portfolios, popularity, model.distance)
            #expect(counter.candidates(of: portfolio, peers: peers) == expected, "\(kernel.name)")
            #expect(
                counter.holdersByLevel(of: expected.map(\.product), peers: peers)
                    == expected.map { holders[Int($0.product)] })
        }
    }

    private static func holdings(_ clients: [[(Int32, Double)]], productCount: Int) -> ClientHoldings {
        ClientHoldings(
            productCount: productCount, offsets: clients.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) },
            products: clients.flatMap { $0.map(\.0) }, amounts: clients.flatMap { $0.map(\.1) })
    }

    /// The definition: the candidates, and by product the clients of each level who hold it.
    private func candidates(
        of portfolio: Int, _ peers: PeerList, _ portfolios: Portfolios, _ popularity: ProductPopularity,
        _ metric: DistanceMetric
    ) -> (candidates: [Candidate], holders: [[Int]]) {
        var holders = [[Int]](
            repeating: [Int](repeating: 0, count: peers.levels.count), count: portfolios.productCount)
        for (number, level) in peers.levels.enumerated() {
            for peer in peers.peers[level.range] {
                for product in portfolios.products(of: Int(peer.portfolio)) {
                    holders[Int(product)][number] += Int(peer.clients)
                }
            }
        }
        let held = portfolios.products(of: portfolio)
        var candidates: [Candidate] = []
        for product in (0..<Int32(portfolios.productCount)) where !held.contains(product) {
            var (votes, mass, total) = (0.0, 0.0, 0.0)
            for (level, clients) in zip(peers.levels, holders[Int(product)]) {
                let weight = metric.weight(ofDistance: level.distance)
                votes += weight * level.mass(ofClients: clients)
                mass += level.mass(ofClients: clients)
                total += weight * level.mass(ofClients: level.clients)
            }
            guard votes > 0 else { continue }
            candidates.append(Candidate(product: product, score: votes / total, peersHolding: mass, reason: .peers))
        }
        candidates.sort { left, right in
            if left.score != right.score { return left.score > right.score }
            let (leftHolders, rightHolders) = (
                popularity.holders[Int(left.product)], popularity.holders[Int(right.product)]
            )
            return leftHolders != rightHolders ? leftHolders > rightHolders : left.product < right.product
        }
        return (candidates, holders)
    }
}
