import PeerSearch
import TestSupport
import Testing

@testable import Recommending

/// Peers who have lately added something, against comparing every client with every other.
@Suite struct RecentPeersTests {
    /// Every distance and encoding, each with 40 invented warehouses: 480 in all.
    @Test(arguments: 0..<40) func agreeWithAllPairsOfClients(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for distance in DistanceMetric.allCases {
            for encoding in Encoding.allCases {
                let model = PeerModel(
                    encoding: encoding, distance: distance,
                    decimals: [0, 1, 2, 4, 4, 8, 15].randomElement(using: &random) ?? 4,
                    k: [1, 2, 3, 5, 200, Int.max].randomElement(using: &random) ?? 1,
                    // Makes no difference here.
                    isInformative: Bool.random(using: &random), minOverlap: Int.random(in: 0...2, using: &random))
                try await compare(RandomHistory(using: &random), model, using: &random)
            }
        }
    }

    private func compare(
        _ history: RandomHistory, _ model: PeerModel, using random: inout SeededGenerator
    ) async throws {
        guard let recent = history.recent else {
            #expect(history.additions.allSatisfy { $0.isEmpty })
            return
        }
        let portfolios = try Portfolios(encoding: history.holdings, as: model.encoding)
        let popularity = ProductPopularity(of: portfolios)
        for kernel in SearchKernel.supported {
            let models = try await SignalModels(
                [.recentPeers], portfolios: portfolios, popularity: popularity, context: .init(recent: recent),
                model: model, kernel: kernel)
            var scorer = SignalScorer(
                index: try PeerIndex(portfolios: portfolios, model: model, kernel: kernel), popularity: popularity,
                models: models)
            for client in history.clients.shuffled(using: &random) {
                let portfolio = try #require(portfolios.portfolio(ofClient: client))
                let scores = try scorer.score([.recentPeers], portfolio: portfolio, segment: -1, candidates: [])
                // Bit for bit: the same additions in the same order.
                let expected = Self.scores(of: client, history, model)
                #expect(
                    scores[.recentPeers] == expected, "\(kernel.name), \(model), client \(client), \(history.warehouse)"
                )
                #expect(expected.allSatisfy { (0...1).contains($0) })
            }
        }
    }

    /// The definition, client by client.
    private static func scores(of client: Int, _ history: RandomHistory, _ model: PeerModel) -> [Double] {
        let reference = history.warehouse.reference(model: model, topN: 1)
        let own = reference.vector(client)
        var clientsAt: [Double: [Int]] = [:]
        for other in history.clients where other != client && !history.additions[other].isEmpty {
            let theirs = history.held(by: other)
            let shared = theirs.count { own[$0] != nil }
            guard shared < theirs.count, shared >= model.minOverlap else { continue }
            clientsAt[reference.scaledDistance(own, reference.vector(other)), default: []].append(other)
        }
        var votes = [Double](repeating: 0, count: history.warehouse.productCount)
        var total = 0.0
        var closer = 0
        for (scaled, clients) in clientsAt.sorted(by: { $0.key < $1.key }) where closer < model.k {
            let distance = scaled / reference.scale
            let weight = model.distance == .cosine ? 1 - distance : 1 / (1 + distance)
            let places = min(model.k - closer, clients.count)
            func mass(_ count: Int) -> Double { Double(places * count) / Double(clients.count) }
            total += weight * mass(clients.count)
            for product in votes.indices {
                votes[product] += weight * mass(clients.count { history.additions[$0].contains(product) })
            }
            closer += places
        }
        for product in votes.indices {
            votes[product] = total > 0 && own[product] == nil ? votes[product] / total : 0
        }
        return votes
    }
}
