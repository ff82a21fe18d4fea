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
                let groups = candidates(of: input, using: &random).shuffled(using: &random)
                let positions = aligned(groups)
                let scores = AlignedMemory<SIMD16<Float>>(
                    repeating: SIMD16(repeating: -7), count: groups.count + 1)
                defer { withExtendedLifetime((input, query, positions)) {} }
                kernel.score(
                    input.groups, for: query.lanes, candidates: positions.start, count: groups.count,
                    into: scores.start)
                let found = groups.indices.flatMap { place in
                    (0..<16).compactMap { lane in
                        scores[place][lane] == -.infinity
                            ? nil : LaneHit(position: 16 * groups[place] + Int32(lane), score: scores[place][lane])
                    }
                }
                let expected = input.hits(of: groups, for: query.lanes, floor: -.infinity)
                #expect(found == expected, "\(input.groupCount) groups, \(size) columns")
                #expect(scores[groups.count] == SIMD16(repeating: -7))
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
                    let bits: [UInt64] = columns.map { $0[block][lane / 64] >> UInt64(lane % 64) & 1 }
                    return Int(bits.reduce(0, +))
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
                let groups = (0..<groupCount).map { _ in Int32.random(in: 0..<1_000, using: &random) }
                let groupMemory = aligned(groups)
                let hits = HitMemory(capacity: scores.count)
                defer { withExtendedLifetime((memory, groupMemory)) {} }
                memory.start.withMemoryRebound(to: SIMD16<Float>.self, capacity: groupCount) {
                    kernel.select($0, of: groupMemory.start, count: groupCount, floor: floor, into: &hits.list)
                }
                let expected = scores.indices.filter { scores[$0] >= floor }.map {
                    LaneHit(position: 16 * groups[$0 / 16] + Int32($0 % 16), score: scores[$0])
                }
                #expect(hits.appended == expected, "\(groupCount) groups, floor \(floor)")
            }
        }
    }

    /// The score is reached by enough clients, and by few more where scores differ.
    @Test(arguments: SearchKernel.supported.map(\.name))
    func reach(name: String) throws {
        let kernel = try SearchKernel.named(name).kernel
        var random = SeededGenerator(seed: 5)
        for round in 0..<1_000 {
            let groupCount = Self.groupCounts.randomElement(using: &random) ?? 0
            let hasTies = round.isMultiple(of: 3)
            let scores = (0..<(16 * groupCount)).map { _ -> Float in
                if Int.random(in: 0..<4, using: &random) == 0 { return -.infinity }
                return hasTies
                    ? Float(Int.random(in: -2...2, using: &random)) : Float.random(in: -1...1, using: &random)
            }
            let clients = scores.map { _ in
                Int32(max(0, Int.random(in: -2...(round.isMultiple(of: 5) ? 10_000_000 : 3), using: &random)))
            }
            let sorted = scores.indices.filter { scores[$0] > -.infinity }.sorted { scores[$0] > scores[$1] }
            let all = sorted.reduce(0) { $0 + Int(clients[$1]) }
            let number = [1, 2, 50, max(1, all), all + 1, Int.max].randomElement(using: &random) ?? 1
            let (scoreMemory, clientMemory) = (aligned(scores), aligned(clients))
            defer { withExtendedLifetime((scoreMemory, clientMemory)) {} }
            let score = kernel.score(
                reachedBy: number, UnsafeRawPointer(scoreMemory.start).assumingMemoryBound(to: SIMD16<Float>.self),
                weights: UnsafeRawPointer(clientMemory.start).assumingMemoryBound(to: SIMD16<Int32>.self),
                count: groupCount)
            func clientsReaching(_ score: Float) -> Int {
                sorted.reduce(0) { $0 + (scores[$1] >= score ? Int(clients[$1]) : 0) }
            }
            guard number <= all else {
                #expect(score == -.infinity)
                continue
            }
            #expect(clientsReaching(score) >= number)
            // Whose scores differ by a thousandth of the spread are told apart.
            let spread = (sorted.first.map { scores[$0] } ?? 0) - (sorted.last.map { scores[$0] } ?? 0)
            let above = score + spread * 0x1p-10
            #expect(clientsReaching(above) < number || clientsReaching(score) <= number + number / 16)
        }
    }

    /// Whatever is decided is what both ends of the interval are rounded to; whatever is not, lies on a border.
    @Test(arguments: SearchKernel.supported.map(\.name), [false, true])
    func rounding(name: String, isRoot: Bool) throws {
        let kernel = try SearchKernel.named(name).kernel
        var random = SeededGenerator(seed: 6)
        var (decided, undecided) = (0, 0)
        for count in [0, 1, 3, 7, 8, 9, 100] {
            for hasTerms in [false, true] {
                for radius in [0, 1e-9, 1e-3, 0.4, .infinity] {
                    let terms = aligned((0..<300).map { _ in Double.random(in: 0...1, using: &random) })
                    let hits = HitMemory(capacity: count)
                    for hit in 0..<count {
                        hits.list.positions[hit] = Int32.random(in: 0..<300, using: &random)
                        hits.list.scores[hit] = Float.random(in: -1...2, using: &random)
                    }
                    hits.list.count = count
                    let rule = RoundingRule(
                        terms: hasTerms ? UnsafePointer(terms.start) : nil, base: 1, scoreFactor: 2, termFactor: 0.5,
                        radius: radius, radiusFactor: radius / 2, isRoot: isRoot,
                        scale: [1, 1e4, 1e15, 1e300].randomElement(using: &random) ?? 1)
                    let numbers = aligned([Double](repeating: 7, count: count + 1))
                    kernel.round(hits.list, by: rule, into: numbers.start)
                    for hit in 0..<count {
                        let term = hasTerms ? terms[Int(hits.list.positions[hit])] : 0
                        let middle = 1 - 2 * Double(hits.list.scores[hit]) + 0.5 * term
                        let ends = [-1.0, 1].map { sign in
                            let end = max(0, middle + sign * (radius + radius / 2 * term))
                            return (isRoot ? end.squareRoot() : end) * rule.scale
                        }.map { $0.rounded(.toNearestOrEven) }
                        let isDecided = ends[0] == ends[1] && ends[1] < 0x1p52
                        #expect(numbers[hit] == (isDecided ? ends[0] : RoundingRule.undecided))
                        decided += isDecided ? 1 : 0
                        undecided += isDecided ? 0 : 1
                    }
                    #expect(numbers[count] == 7)
                    withExtendedLifetime(terms) {}
                }
            }
        }
        #expect(decided > 100 && undecided > 100)
    }
}
