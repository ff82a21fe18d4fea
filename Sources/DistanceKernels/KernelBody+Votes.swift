/// A number of vectors that is known when a kernel is compiled.
public enum VectorCount<let count: Int> {}

extension KernelBody {
    /// The body of the counting of votes, `vectorCount` times eight members at a time.
    ///
    /// Sums stay in registers from the first voter to the last. All members of a block are added to, those of the voter's
    /// set and, with 0, the others: which they are cannot be foreseen, and 0 changes no sum.
    @inlinable @inline(__always)
    public static func addVotes<let vectorCount: Int>(
        of rounds: VoteRounds, for rows: BitRows, word: Int, _: VectorCount<vectorCount>.Type,
        votes: UnsafeMutablePointer<SIMD8<Double>>, clients: UnsafeMutablePointer<SIMD8<Double>>
    ) {
        let words = rows.words + word
        var first = 0
        while first < BitRows.wordSize / 8 {
            var bits = InlineArray<vectorCount, SIMD8<UInt64>>(repeating: .zero)
            var voteSums = InlineArray<vectorCount, SIMD8<Double>>(repeating: .zero)
            var clientSums = InlineArray<vectorCount, SIMD8<Double>>(repeating: .zero)
            for vector in 0..<vectorCount {
                let lowest = SIMD8<UInt64>(1, 2, 4, 8, 16, 32, 64, 128)
                bits[unchecked: vector] = lowest &<< SIMD8(repeating: UInt64(8 &* (first &+ vector)))
                voteSums[unchecked: vector] = votes[first &+ vector]
                clientSums[unchecked: vector] = clients[first &+ vector]
            }
            var voter = rounds.start
            for round in 0..<rounds.count {
                let end = Int(rounds.ends[round])
                var counts = InlineArray<vectorCount, SIMD8<Double>>(repeating: .zero)
                while voter < end {
                    let row = SIMD8(repeating: UInt64(words[Int(rounds.rows[voter]) &* rows.wordCount]))
                    let clients = SIMD8(repeating: rounds.clients[voter])
                    for vector in 0..<vectorCount {
                        counts[unchecked: vector] += SIMD8<Double>.zero.replacing(
                            with: clients, where: row & bits[unchecked: vector] .!= .zero)
                    }
                    voter &+= 1
                }
                let weight = SIMD8(repeating: rounds.weights[round])
                for vector in 0..<vectorCount {
                    clientSums[unchecked: vector] += counts[unchecked: vector]
                    voteSums[unchecked: vector] += weight * counts[unchecked: vector]
                }
            }
            for vector in 0..<vectorCount {
                votes[first &+ vector] = voteSums[unchecked: vector]
                clients[first &+ vector] = clientSums[unchecked: vector]
            }
            first &+= vectorCount
        }
    }
}
