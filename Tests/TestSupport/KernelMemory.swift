public import DistanceKernels

/// A lane that was hit.
public struct LaneHit: Hashable, Sendable {
    /// The position that a kernel has written down.
    public var position: Int32
    /// Its score.
    public var score: Float

    /// Creates a hit.
    public init(position: Int32, score: Float) {
        self.position = position
        self.score = score
    }
}

/// Memory for a list of hits, with a first entry that kernels must leave alone.
public final class HitMemory {
    private static let first = LaneHit(position: -7, score: -7)

    private let positions: AlignedArray<Int32>
    private let scores: AlignedArray<Float>
    /// The list to hand to a kernel.
    public var list: LaneList

    /// Makes room for some hits.
    public init(capacity: Int) {
        positions = AlignedArray([Int32](repeating: 0, count: capacity + 1))
        scores = AlignedArray([Float](repeating: 0, count: capacity + 1))
        list = LaneList(positions: positions.start, scores: scores.start)
        list.positions[0] = Self.first.position
        list.scores[0] = Self.first.score
        list.count = 1
    }

    /// The appended hits, or nothing if the first entry was touched.
    public var appended: [LaneHit]? {
        let hits = (0..<list.count).map { LaneHit(position: list.positions[$0], score: list.scores[$0]) }
        return hits.first == Self.first ? Array(hits.dropFirst()) : nil
    }
}

/// Numbers in aligned memory, for the pointers that kernels take; whoever passes one on keeps the memory alive.
public func aligned<Element: BitwiseCopyable>(_ elements: [Element]) -> AlignedArray<Element> {
    AlignedArray(elements)
}

/// Elements at an address that is a multiple of 64, as kernels want them.
public final class AlignedArray<Element: BitwiseCopyable> {
    /// The first of them.
    public let start: UnsafeMutablePointer<Element>
    /// How many there are.
    public let count: Int

    /// Copies elements.
    public init(_ elements: [Element]) {
        count = elements.count
        start =
            UnsafeMutableRawPointer
            .allocate(byteCount: max(1, elements.count) * MemoryLayout<Element>.stride, alignment: 64)
            .bindMemory(to: Element.self, capacity: max(1, elements.count))
        for (index, element) in elements.enumerated() { (start + index).initialize(to: element) }
    }

    /// An element, unchecked.
    public subscript(index: Int) -> Element {
        get { start[index] }
        set { start[index] = newValue }
    }

    deinit {
        UnsafeMutableRawPointer(start).deallocate()
    }
}

/// A query in memory.
public final class QueryMemory {
    private let columns: AlignedArray<Int32>
    private let values: AlignedArray<Float>
    private let outside: AlignedArray<UInt32>
    private let inside: AlignedArray<UInt32>
    /// The query to hand to a kernel.
    public let lanes: LaneQuery

    /// Keeps a query.
    public init(overlap: Overlap, columns: [Int32], values: [Float], outside: [UInt32], inside: [UInt32]) {
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
public final class BatchMemory {
    private let queries: AlignedArray<LaneQuery>
    private let floors: AlignedArray<Float>
    private let columns: AlignedArray<Int32>
    private let values: AlignedArray<Float>
    /// The batch to hand to a kernel.
    public let batch: LaneBatch

    /// Keeps queries.
    ///
    /// - Precondition: The number of queries is a multiple of `tileHeight`.
    public init(_ lanes: [LaneQuery], floors: [Float], tileHeight: Int) {
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
