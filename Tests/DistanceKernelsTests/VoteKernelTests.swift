import DistanceKernels
import TestSupport
import Testing

@testable import PeerSearch

/// Every kernel of this machine adds votes up to the same sums, bit for bit, as adding up one by one.
@Suite("Counting votes in kernels")
struct VoteKernelTests {
    @Test(arguments: SearchKernel.supported.map(\.name))
    func roundsAreAddedInOrder(name: String) throws {
        let kernel = try SearchKernel.named(name).kernel
        for seed in 0..<2_000 {
            var random = SeededGenerator(seed: UInt64(seed))
            let wordCount = Int.random(in: 1...3, using: &random)
            let rowCount = Int.random(in: 1...20, using: &random)
            let words = (0..<rowCount * wordCount).map { _ in
                UInt32.random(in: 0...(.max), using: &random) & .random(in: 0...(.max), using: &random)
            }
            var (rows, clients, weights, ends) = ([Int32](), [Double](), [Double](), [Int32]())
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                for _ in 0..<([0, 1, 1, 1, 2, 7].randomElement(using: &random) ?? 1) {
                    rows.append(Int32.random(in: 0..<Int32(rowCount), using: &random))
                    clients.append(Double([1, 1, 1, 3, 1 << 40].randomElement(using: &random) ?? 1))
                }
                weights.append(Double.random(in: 0...1, using: &random))
                ends.append(Int32(rows.count))
            }
            // The first rounds may have been added before.
            let first = Int.random(in: 0...ends.count, using: &random)
            let before = (0..<32).map { _ in Double.random(in: 0...9, using: &random) }
            let word = Int.random(in: 0..<wordCount, using: &random)
            let (votes, sums) = (aligned(before), aligned(before.map { $0.rounded() }))
            let memory = (aligned(words), aligned(rows + [0]), aligned(clients + [0]), aligned(weights + [0]))
            let endMemory = aligned(ends + [0])
            defer { withExtendedLifetime((memory, endMemory)) {} }
            let start = first == 0 ? 0 : Int(ends[first - 1])
            kernel.addVotes(
                of: VoteRounds(
                    rows: memory.1.start, clients: memory.2.start, weights: memory.3.start + first,
                    ends: endMemory.start + first, count: ends.count - first, start: start),
                for: BitRows(words: memory.0.start, wordCount: wordCount), word: word,
                votes: vectors(votes), clients: vectors(sums))
            for member in 0..<32 {
                var (vote, sum, voter) = (before[member], before[member].rounded(), start)
                for round in first..<ends.count {
                    var count = 0.0
                    while voter < Int(ends[round]) {
                        let holds = words[Int(rows[voter]) * wordCount + word] >> UInt32(member) & 1 == 1
                        count += holds ? clients[voter] : 0
                        voter += 1
                    }
                    vote += weights[round] * count
                    sum += count
                }
                #expect(votes.start[member] == vote && sums.start[member] == sum, "seed \(seed), member \(member)")
            }
        }
    }

    private func vectors(_ memory: AlignedArray<Double>) -> UnsafeMutablePointer<SIMD8<Double>> {
        UnsafeMutableRawPointer(memory.start).assumingMemoryBound(to: SIMD8<Double>.self)
    }
}
