import DistanceKernels
import TestSupport

/// Lanes and queries at random, with what kernels should find in them.
///
/// All values are small whole multiples of one power of two: every sum is exact in Float32, in any order and with any
/// rounding of products.
struct KernelInput {
    let overlap: Overlap
    let groupCount: Int
    /// Columns that queries may have.
    let productCount: Int
    let wordCount: Int
    private let unit: Float
    private let values: AlignedArray<SIMD16<Float>>
    private let starts: AlignedArray<SIMD16<Float>>
    private let supports: AlignedArray<SIMD16<UInt32>>

    init(overlap: Overlap, groupCount: Int, wordCount: Int, using random: inout SeededGenerator) {
        self.overlap = overlap
        self.groupCount = groupCount
        self.wordCount = wordCount
        productCount = 32 * wordCount - ([0, 5].randomElement(using: &random) ?? 0)
        let unit: Float = [1, 0x1p-130, .leastNonzeroMagnitude, 0x1p100].randomElement(using: &random) ?? 1
        self.unit = unit
        values = aligned(
            (0..<(groupCount * productCount)).map { _ in
                Self.vector { Float(max(0, Int.random(in: -3...7, using: &random))) * unit }
            })
        starts = aligned(
            (0..<groupCount).map { _ in Self.vector { -Float(Int.random(in: 0...200, using: &random)) * unit } })
        supports = aligned((0..<(groupCount * wordCount)).map { _ in Self.vector { Self.word(using: &random) } })
    }

    private static func vector<Scalar>(_ scalar: () -> Scalar) -> SIMD16<Scalar> {
        var vector = SIMD16(repeating: scalar())
        for lane in vector.indices { vector[lane] = scalar() }
        return vector
    }

    /// Few bits, so that conditions on them fail often.
    private static func word(using random: inout SeededGenerator) -> UInt32 {
        (0..<Int.random(in: 1...5, using: &random)).reduce(.max) { word, _ in
            word & .random(in: 0...(.max), using: &random)
        }
    }

    var groups: LaneGroups {
        LaneGroups(
            values: values.start, starts: starts.start, supports: supports.start, columnCount: productCount,
            wordCount: wordCount)
    }

    /// A query of some columns.
    func query(size: Int, using random: inout SeededGenerator) -> QueryMemory {
        let columns = (0..<Int32(productCount)).shuffled(using: &random).prefix(size).sorted()
        let scale = overlap == .minimum ? unit : 1
        return QueryMemory(
            overlap: overlap, columns: columns,
            values: (0..<max(1, columns.count)).map { _ in Float(Int.random(in: 0...7, using: &random)) * scale },
            outside: (0..<wordCount).map { _ in Self.word(using: &random) },
            inside: (0..<wordCount).map { _ in ~Self.word(using: &random) })
    }

    /// A floor of any kind, often the very score of a lane or next to it.
    func floor(for query: LaneQuery, using random: inout SeededGenerator) -> Float {
        let lanes =
            (groupCount == 0 ? [0] : hits(of: 0..<Int32(groupCount), for: query, floor: -.infinity).map(\.score))
        let score = lanes.randomElement(using: &random) ?? 0
        return [-.infinity, .infinity, score, score, score.nextUp, score.nextDown].randomElement(using: &random) ?? 0
    }

    /// The definition: lane by lane, column by column.
    func hits(of groups: some Sequence<Int32>, for query: LaneQuery, floor: Float) -> [LaneHit] {
        var hits: [LaneHit] = []
        for group in groups.map({ Int($0) }) {
            for lane in 0..<16 {
                var score = starts.start[group][lane]
                let words = (0..<wordCount).map { supports.start[group * wordCount + $0][lane] }
                for (index, column) in (0..<query.count).map({ ($0, Int(query.columns[$0])) }) {
                    let value = values.start[group * productCount + column][lane]
                    switch overlap {
                    case .product: score += query.values[index] * value
                    case .minimum: score += min(query.values[index], value)
                    }
                }
                let isOutside = words.indices.contains { words[$0] & query.outside[$0] != 0 }
                let isInside = words.indices.contains { words[$0] & query.inside[$0] != 0 }
                if score >= floor && isOutside && isInside {
                    hits.append(LaneHit(position: Int32(16 * group + lane), score: score))
                }
            }
        }
        return hits
    }
}
