import DistanceKernels
import TestSupport
import Testing

@testable import PeerSearch

/// Every kernel of this machine finds exactly the lanes that adding up one by one finds.
@Suite("The kernels")
struct KernelTests {
    private static let groupCounts = [0, 1, 2, 3, 4, 5, 7]
    private static let sizes = [0, 1, 2, 15, 16, 31, 33]
    private static let overlaps = [Overlap.product, .minimum]

    /// Runs `body` for every number of groups and words, several times.
    private func forEachInput(
        _ overlap: Overlap, _ body: (KernelInput, inout SeededGenerator) throws -> Void
    ) rethrows {
        var random = SeededGenerator(seed: UInt64(Self.overlaps.firstIndex(of: overlap) ?? 0))
        for groupCount in Self.groupCounts {
            for wordCount in 1...3 {
                for _ in 0..<10 {
                    let input = KernelInput(
                        overlap: overlap, groupCount: groupCount, wordCount: wordCount, using: &random)
                    try body(input, &random)
                }
            }
        }
    }

    /// All groups, or some of them, ascending.
    private func candidates(of input: KernelInput, using random: inout SeededGenerator) -> [Int32] {
        let isComplete = Bool.random(using: &random)
        return (0..<Int32(input.groupCount)).filter { _ in isComplete || Bool.random(using: &random) }
    }

    @Test(arguments: SearchKernel.supported.map(\.name), overlaps)
    func oneQuery(name: String, overlap: Overlap) throws {
        let kernel = try SearchKernel.named(name).kernel
        forEachInput(overlap) { input, random in
            for size in Self.sizes where size <= input.productCount {
                let query = input.query(size: size, using: &random)
                let floor = input.floor(for: query.lanes, using: &random)
                let groups = candidates(of: input, using: &random)
                // Bounds are whatever the caller says: those below the floor keep a group from being looked at.
                let bounds = groups.map { _ in
                    [floor, floor.nextDown, floor.nextUp, .infinity, -.infinity].randomElement(using: &random) ?? 0
                }
                let (positions, scores) = (aligned(groups), aligned(bounds))
                defer { withExtendedLifetime((input, query, positions, scores)) {} }
                var list = LaneList(positions: positions.start, scores: scores.start)
                list.count = groups.count
                let lower = Int.random(in: 0...groups.count, using: &random) / 2
                let range = lower..<Int.random(in: lower...groups.count, using: &random)
                let hits = HitMemory(capacity: 16 * groups.count)
                kernel.search(
                    input.groups, for: query.lanes, floor: floor, candidates: list, range: range, into: &hits.list)
                let visited = range.filter { bounds[$0] >= floor }.map { groups[$0] }
                let expected = input.hits(of: visited, for: query.lanes, floor: floor)
                #expect(hits.appended == expected, "\(input.groupCount) groups, \(size) columns, floor \(floor)")
            }
        }
    }

    @Test(arguments: SearchKernel.supported.map(\.name), overlaps)
    func batches(name: String, overlap: Overlap) throws {
        let kernel = try SearchKernel.named(name).kernel
        forEachInput(overlap) { input, random in
            let sizes = Self.sizes.filter { $0 <= input.productCount }
            let queryCount = kernel.tileHeight * Int.random(in: 1...3, using: &random)
            let queries = (0..<queryCount).map { _ in
                input.query(size: sizes.randomElement(using: &random) ?? 0, using: &random)
            }
            let floors = queries.map { input.floor(for: $0.lanes, using: &random) }
            let batch = BatchMemory(queries.map(\.lanes), floors: floors, tileHeight: kernel.tileHeight)
            let groups = candidates(of: input, using: &random)
            let hits = queries.map { _ in HitMemory(capacity: 16 * groups.count) }
            let (lists, positions) = (aligned(hits.map(\.list)), aligned(groups))
            defer { withExtendedLifetime((input, queries, batch, lists, positions)) {} }
            kernel.search(
                input.groups, for: batch.batch, candidates: positions.start, count: groups.count,
                into: lists.start)
            for (query, floor) in floors.enumerated() {
                hits[query].list = lists.start[query]
                let found = hits[query].appended?.sorted { $0.position < $1.position }
                let expected = input.hits(of: groups, for: queries[query].lanes, floor: floor)
                #expect(found == expected, "\(groups.count) groups, query \(query), floor \(floor)")
            }
        }
    }

    @Test(arguments: SearchKernel.supported.map(\.name))
    func bits(name: String) throws {
        let kernel = try SearchKernel.named(name).kernel
        var random = SeededGenerator(seed: 4)
        for columnCount in [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 100, 1_030] {
            for blockCount in [0, 1, 3] {
                let columns = (0..<columnCount).map { _ in
                    aligned((0..<blockCount).map { _ in Self.bits(using: &random) })
                }
                let starts = aligned(columns.map { UnsafePointer($0.start) })
                // A first entry that the kernel must leave alone.
                let positions = AlignedMemory<Int32>(repeating: -7, count: 512 * blockCount + 1)
                let lower = Int.random(in: 0...blockCount, using: &random)
                let blocks = lower..<Int.random(in: lower...blockCount, using: &random)
                func sum(_ position: Int) -> Int {
                    let (block, lane) = position.quotientAndRemainder(dividingBy: 512)
                    return columns.reduce(0) { $0 + Int($1[block][lane / 64] >> UInt64(lane % 64) & 1) }
                }
                for count in [0, 1, 2, columnCount / 2, columnCount / 2 + 1, columnCount] where count <= columnCount {
                    let found = kernel.lanes(
                        having: count, of: BitColumns(starts: starts.start, count: columnCount), blocks: blocks,
                        into: positions.start + 1)
                    let expected = (512 * blocks.lowerBound..<512 * blocks.upperBound).filter { sum($0) == count }
                    #expect((1..<(1 + found)).map { Int(positions[$0]) } == expected, "\(count) of \(columnCount)")
                    #expect(positions[0] == -7)
                }
                withExtendedLifetime((columns, starts)) {}
            }
        }
    }

    private static func bits(using random: inout SeededGenerator) -> SIMD8<UInt64> {
        var bits = SIMD8<UInt64>.zero
        for word in bits.indices { bits[word] = .random(in: 0...(.max), using: &random) }
        return bits
    }

    @Test(arguments: SearchKernel.supported.map(\.name))
    func selection(name: String) throws {
        let kernel = try SearchKernel.named(name).kernel
        var random = SeededGenerator(seed: 3)
        let special = [
            -Float.infinity, 0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .greatestFiniteMagnitude,
        ]
        for groupCount in Self.groupCounts {
            for _ in 0..<100 {
                let scores = (0..<(16 * groupCount)).map { _ in
                    Bool.random(using: &random)
                        ? .random(in: -1...1, using: &random) : special.randomElement(using: &random) ?? 0
                }
                let floor = ([-.infinity, .infinity, 0, -2] + scores.prefix(8)).randomElement(using: &random) ?? 0
                let memory = aligned(scores)
                let hits = HitMemory(capacity: scores.count)
                defer { withExtendedLifetime(memory) {} }
                memory.start.withMemoryRebound(to: SIMD16<Float>.self, capacity: groupCount) {
                    kernel.select($0, count: scores.count, firstPosition: 1000, floor: floor, into: &hits.list)
                }
                let expected = scores.indices.filter { scores[$0] >= floor }.map {
                    LaneHit(position: Int32(1000 + $0), score: scores[$0])
                }
                #expect(hits.appended == expected, "\(groupCount) groups, floor \(floor)")
            }
        }
    }
}
