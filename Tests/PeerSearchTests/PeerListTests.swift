import TestSupport
import Testing

@testable import PeerSearch

/// Who counts as a peer, and for how much, among everybody in order.
@Suite struct PeerListTests {
    @Test func placesAreSharedAtTheLastDistance() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<4_000 { compareWithDefinition(using: &random) }
    }

    private func compareWithDefinition(using random: inout SeededGenerator) {
        let peers = Self.peers(using: &random)
        let k = [1, 2, 3, 10, 50, Int.max].randomElement(using: &random) ?? 1
        let scale: Double = [1, 1e4].randomElement(using: &random) ?? 1
        let list = PeerList(sorted: peers, k: k, scale: scale)

        // The definition, level by level.
        var (expected, kept, placesLeft) = ([PeerList.Level](), 0, k)
        for distance in Set(peers.map(\.scaledDistance)).sorted() where placesLeft > 0 {
            let level = peers.filter { $0.scaledDistance == distance }
            let clients = level.reduce(0) { $0 + Int($1.clients) }
            expected.append(
                PeerList.Level(
                    range: kept..<(kept + level.count), distance: distance / scale, clients: clients,
                    places: min(placesLeft, clients)))
            kept += level.count
            placesLeft -= min(placesLeft, clients)
        }
        #expect(list.levels == expected)
        #expect(list.peers == Array(peers[..<kept]))
        #expect(list.placeCount == expected.reduce(0) { $0 + $1.places })
        #expect(list.kthDistance == expected.last?.distance)
        #expect(list.lastLevelStart == expected.last?.range.lowerBound ?? 0)
        #expect(list.lastLevelClients == expected.last?.clients ?? 0)
        #expect(list.lastLevelPlaces == expected.last?.places ?? 0)
    }

    /// Peers of some distances, in order; nobody, sometimes.
    static func peers(portfolioCount: Int = 100, using random: inout SeededGenerator) -> [PeerList.Peer] {
        let distances = [1, 3, 30, 10_000].randomElement(using: &random) ?? 1
        let mostClients = [1, 1, 4, 100_000].randomElement(using: &random) ?? 1
        return (0..<Int32(portfolioCount)).shuffled(using: &random)
            .prefix(Int.random(in: 0...min(portfolioCount, 80), using: &random))
            .map { portfolio in
                PeerList.Peer(
                    portfolio: portfolio, clients: Int32.random(in: 1...Int32(mostClients), using: &random),
                    scaledDistance: Double(Int.random(in: 0..<distances, using: &random)))
            }
            .sorted { $0.scaledDistance < $1.scaledDistance }
    }
}
