import DistanceKernels

/// The rate of a kernel's own dense tile over data in the first-level cache: the ceiling of a search that can skip
/// nothing.
enum TileRate {
    /// The columns of the dense workload.
    private static let columnCount = 31
    private static let groupCount = 3
    private static let queryCount = 32

    /// Runs the tile again and again.
    ///
    /// - Parameters:
    ///   - kernel: The kernel.
    ///   - repetitions: How often three groups of lanes are compared with 32 queries, none of which is near.
    /// - Returns: The floating-point operations done; a multiply and an add count as two.
    static func runTile(_ kernel: any DistanceKernel.Type, repetitions: Int) -> Double {
        let memory = Memory()
        let words = memory.allocate(repeating: UInt32.max, count: 1)
        let columns = memory.allocate(repeating: Int32(0), count: columnCount)
        for column in 0..<columnCount { columns[column] = Int32(column) }
        let candidates = memory.allocate(repeating: Int32(0), count: groupCount)
        for group in 0..<groupCount { candidates[group] = Int32(group) }
        let values = memory.allocate(repeating: Float(0.25), count: queryCount * columnCount)
        let groups = LaneGroups(
            values: memory.allocate(repeating: SIMD16(repeating: 0.5), count: groupCount * columnCount),
            starts: memory.allocate(repeating: SIMD16(repeating: 0), count: groupCount),
            supports: memory.allocate(repeating: SIMD16(repeating: .max), count: groupCount),
            columnCount: columnCount, wordCount: 1)
        let query = LaneQuery(
            overlap: .product, columns: columns, values: values, count: columnCount, outside: words, inside: words)
        let batch = LaneBatch(
            queries: memory.allocate(repeating: query, count: queryCount),
            floors: memory.allocate(repeating: Float.greatestFiniteMagnitude, count: queryCount),
            queryCount: queryCount, columns: columns, columnCount: columnCount, values: values)
        let hits = LaneList(
            positions: memory.allocate(repeating: 0, count: LaneGroups.laneCount),
            scores: memory.allocate(repeating: 0, count: LaneGroups.laneCount))
        let lists = memory.allocate(repeating: hits, count: queryCount)
        for _ in 0..<repetitions {
            kernel.search(groups, for: batch, candidates: candidates, count: groupCount, into: lists)
        }
        let lanes = groupCount * LaneGroups.laneCount
        return 2 * Double(queryCount * lanes * columnCount) * Double(repetitions)
    }

    /// Memory for the pointers that kernels take, aligned as that of an index.
    private final class Memory {
        private var blocks: [UnsafeMutableRawPointer] = []

        func allocate<Element: BitwiseCopyable>(repeating value: Element, count: Int) -> UnsafeMutablePointer<Element> {
            let block = UnsafeMutableRawPointer.allocate(
                byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
            blocks.append(block)
            return block.initializeMemory(as: Element.self, repeating: value, count: count)
        }

        deinit {
            for block in blocks { block.deallocate() }
        }
    }
}
