import DistanceKernels
import TestSupport
import Testing

@testable import PeerSearch

/// Every kernel of this machine finds exactly the lanes that adding up one by one finds.
@Suite("The kernels")
struct KernelTests {
    private static let groupCounts = [0, 1, 2, 3, 4, 5, 7]
    private static let sizes = [0, 1, 2, 15, 16, 31, 33]
    private static let overlaps = [Overlap.product, .minimum, .count]

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

    @Test(arguments: SearchKernel.supported.map(\.name), [Overlap.product, .minimum])
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
