import DistanceKernels
import TestSupport

@testable import PeerSearch

/// A lane that was hit.
struct LaneHit: Hashable {
    var position: Int32
    var score: Float
}

/// Memory for a list of hits, with a first entry that kernels must leave alone.
final class HitMemory {
    private static let first = LaneHit(position: -7, score: -7)

    private let positions: AlignedMemory<Int32>
    private let scores: AlignedMemory<Float>
    var list: LaneList

    init(capacity: Int) {
        positions = AlignedMemory(repeating: 0, count: capacity + 1)
        scores = AlignedMemory(repeating: 0, count: capacity + 1)
        list = LaneList(positions: positions.start, scores: scores.start)
        list.positions[0] = Self.first.position
        list.scores[0] = Self.first.score
        list.count = 1
    }

    /// The appended hits, or nothing if the first entry was touched.
    var appended: [LaneHit]? {
        let hits = (0..<list.count).map { LaneHit(position: list.positions[$0], score: list.scores[$0]) }
        return hits.first == Self.first ? Array(hits.dropFirst()) : nil
    }
}

/// Numbers in aligned memory, for the pointers that kernels take; whoever passes one on keeps the memory alive.
func aligned<Element: BitwiseCopyable>(_ elements: [Element]) -> AlignedMemory<Element> {
    let memory = AlignedMemory<Element>(uninitializedCount: elements.count)
    for (index, element) in elements.enumerated() { (memory.start + index).initialize(to: element) }
    return memory
}

/// A query in memory.
final class QueryMemory {
    let columns: AlignedMemory<Int32>
    let values: AlignedMemory<Float>
    private let outside: AlignedMemory<UInt32>
    private let inside: AlignedMemory<UInt32>
    let lanes: LaneQuery

    init(overlap: Overlap, columns: [Int32], values: [Float], outside: [UInt32], inside: [UInt32]) {
        self.columns = aligned(columns)
        self.values = aligned(values)
        self.outside = aligned(outside)
        self.inside = aligned(inside)
        lanes = LaneQuery(
            overlap: overlap, columns: self.columns.start, values: self.values.start, count: columns.count,
            outside: self.outside.start, inside: self.inside.start)
    }
}

/// Several queries as a batch in memory.
final class BatchMemory {
    private let queries: AlignedMemory<LaneQuery>
    private let floors: AlignedMemory<Float>
    private let columns: AlignedMemory<Int32>
    private let values: AlignedMemory<Float>
    let batch: LaneBatch

    /// - Precondition: The number of queries is a multiple of `tileHeight`.
    init(_ lanes: [LaneQuery], floors: [Float], tileHeight: Int) {
        var columns: Set<Int32> = []
        for query in lanes { columns.formUnion((0..<query.count).map { query.columns[$0] }) }
        let sorted = columns.sorted()
        var values: [Float] = []
        for tile in stride(from: 0, to: lanes.count, by: tileHeight) {
            for column in sorted {
                for query in lanes[tile..<(tile + tileHeight)] {
                    let place = (0..<query.count).first { query.columns[$0] == column }
                    values.append(place.map { query.values[$0] } ?? 0)
                }
            }
        }
        queries = aligned(lanes)
        self.floors = aligned(floors)
        self.columns = aligned(sorted)
        self.values = aligned(values)
        batch = LaneBatch(
            queries: queries.start, floors: self.floors.start, queryCount: lanes.count,
            columns: self.columns.start, columnCount: sorted.count, values: self.values.start)
    }
}

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
    private let values: AlignedMemory<SIMD16<Float>>
    private let starts: AlignedMemory<SIMD16<Float>>
    private let supports: AlignedMemory<SIMD16<UInt32>>

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
