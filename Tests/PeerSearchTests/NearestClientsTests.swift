import TestSupport
import Testing

@testable import PeerSearch

@Suite("Counting the nearest clients")
struct NearestClientsTests {
    /// Insertions with everything that is expected of the score after each of them.
    @Test(arguments: 0..<150)
    func theScoreIsJustBelowTheTrueOne(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let k = [1, 2, 7, 50, 200, 100_000, Int.max].randomElement(using: &random) ?? 1
        // As for cosine, or as for the others at various scales.
        let norm = [1, 1, 0x1p-40, Double.random(in: 0.01...1, using: &random)].randomElement(using: &random) ?? 1
        let isCosine = Bool.random(using: &random)
        let ceiling = isCosine ? 1 : norm / 2
        let unit = isCosine ? 1 : norm
        let hasTies = Bool.random(using: &random)
        var nearest = NearestClients(k: k)
        // What was counted before a reset is forgotten.
        nearest.reset(ceiling: 3, norm: 1)
        for _ in 0..<10 { nearest.insert(score: 2.5, clients: Int32(min(k, 1_000))) }
        nearest.reset(ceiling: ceiling, norm: unit)
        #expect(nearest.score() == nil)

        var distances: [(distance: Double, clients: Int)] = []
        var scoreBefore: Double?
        for _ in 0..<200 {
            let relative =
                hasTies ? Double(Int.random(in: 1...9, using: &random)) / 8 : .random(in: 0x1p-13...3.9, using: &random)
            let score = Float(ceiling - relative * unit)
            let clients = [1, 1, 1, 2, 30, 1000].randomElement(using: &random) ?? 1
            nearest.insert(score: score, clients: Int32(clients))
            distances.append((Double(Float(ceiling)) - Double(score), clients))
            // Sometimes several insertions before the next look.
            if Bool.random(using: &random) { continue }
            let reached = nearest.score()
            try expectTight(reached, k: k, distances, ceiling: Double(Float(ceiling)))
            if let reached { #expect(reached >= scoreBefore ?? -.infinity) }
            scoreBefore = reached
        }
    }

    /// At least k clients reach the score, and it is within 1.7% of the distance of the k-th.
    private func expectTight(
        _ score: Double?, k: Int, _ distances: [(distance: Double, clients: Int)], ceiling: Double
    ) throws {
        var clients = 0
        var kthDistance: Double?
        for (distance, count) in distances.sorted(by: { $0.distance < $1.distance }) where kthDistance == nil {
            clients += count
            if clients >= k { kthDistance = distance }
        }
        guard let kthDistance else {
            #expect(score == nil)
            return
        }
        let distance = ceiling - (try #require(score))
        #expect(distance >= kthDistance)
        #expect(distance <= 1.017 * kthDistance)
    }

    @Test func scoresOutsideTheBuckets() throws {
        var nearest = NearestClients(k: 2)
        nearest.reset(ceiling: 1, norm: 1)
        // Above the ceiling, which rounding makes possible, and at it.
        nearest.insert(score: 1.0001, clients: 1)
        #expect(nearest.score() == nil)
        nearest.insert(score: 1, clients: 1)
        let reached = nearest.score()
        let score = try #require(reached)
        #expect(score < 1 && score > 1 - 0x1p-13)

        // Too far away to be counted.
        nearest.reset(ceiling: 1, norm: 1)
        for score in [-100, -Float.infinity] { nearest.insert(score: score, clients: 5) }
        #expect(nearest.score() == nil)
    }
}
