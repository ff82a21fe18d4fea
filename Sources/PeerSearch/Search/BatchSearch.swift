internal import DistanceKernels

/// Searches lanes for several queries together: portfolios that hold most products have most columns in common, and a
/// tile of queries and lanes computes them several times faster.
///
/// Peers are everywhere, so groups are looked at in an order that spreads them evenly: whatever part of them has been
/// looked at is a sample of all, and tells what floor to expect. A floor that turns out to be too high has missed peers:
/// that query is searched for again, alone.
///
/// Bounds are tried as long as they exclude enough; on data without structure they exclude nothing.
final class BatchSearch: HitSearch {
    /// Queries in a batch, a multiple of every kernel's tile height.
    private static let queryCount = 32
    /// Groups to begin with, at most.
    private static let firstGroupCount = 64
    /// Groups between two looks at the new hits.
    private static let groupsPerStep = 48
    /// Guesses on the way: this one at an eighth of the groups, then whenever what was seen has doubled.
    private static let firstGuess = 1.0 / 8
    /// Bounds pay if they exclude more than this share of the groups; they cost a sixteenth of a visit.
    private static let worthwhileShare = 0.25
    /// Batches without bounds after a batch for which they did not pay.
    private static let batchesWithoutBounds = 15

    private let index: ScoreIndex
    private let lanes: LaneIndex
    private let kernel: any DistanceKernel.Type
    private var queries: [QueryLanes]
    private var hits: [Hits]
    private var candidates: GroupCandidates
    private let isCandidate: AlignedMemory<Bool>
    /// All groups, evenly spread: every part of the list is spread over all of them.
    private let spread: [Int32]
    /// The groups to look at, in this order.
    private let groups: AlignedMemory<Int32>
    private let firstScores = AlignedMemory<SIMD16<Float>>(uninitializedCount: firstGroupCount)
    private let firstClients = AlignedMemory<SIMD16<Int32>>(uninitializedCount: firstGroupCount)

    private let laneQueries: AlignedMemory<LaneQuery>
    private let floors = AlignedMemory<Float>(repeating: .infinity, count: queryCount)
    private let lists: AlignedMemory<LaneList>
    private let columns: AlignedMemory<Int32>
    private let values: AlignedMemory<Float>

    /// The batch whose hits are at hand, by the place of its first query; -1 before the first.
    private var firstPosition = -1
    private var batchesUntilBounds = 0

    init(index: ScoreIndex, lanes: LaneIndex) {
        self.index = index
        self.lanes = lanes
        kernel = index.kernel.kernel
        let groupCount = lanes.levels[0].groupCount
        let columnCount = index.portfolios.vectors.columnCount
        queries = (0..<Self.queryCount).map { _ in QueryLanes(index: index) }
        hits = (0..<Self.queryCount).map { _ in Hits(portfolioCount: groupCount * LaneGroups.laneCount) }
        candidates = GroupCandidates(levels: lanes.levels)
        isCandidate = AlignedMemory(repeating: false, count: groupCount)
        spread = Self.spreadNumbers(below: groupCount)
        groups = AlignedMemory(repeating: 0, count: groupCount)
        laneQueries = AlignedMemory(uninitializedCount: Self.queryCount)
        lists = AlignedMemory(uninitializedCount: Self.queryCount)
        columns = AlignedMemory(repeating: 0, count: columnCount)
        values = AlignedMemory(repeating: 0, count: Self.queryCount * columnCount)
    }

    /// The numbers below `count` in steps of the golden ratio, as nearly as a step without a common divisor can be: the
    /// multiples of it are spread as evenly as those of any number (Knuth, TAOCP 3, 6.4).
    private static func spreadNumbers(below count: Int) -> [Int32] {
        func divisor(_ left: Int, _ right: Int) -> Int { right == 0 ? left : divisor(right, left % right) }
        var step = max(1, Int(Double(count) * 0.618_033_988_749_895))
        while divisor(step, count) > 1 { step += 1 }
        return (0..<count).map { Int32($0 * step % count) }
    }

    func hits(of position: Int) throws -> Hits {
        let first = position / Self.queryCount * Self.queryCount
        if first != firstPosition {
            firstPosition = -1
            try search(first..<min(first + Self.queryCount, index.order.count))
            firstPosition = first
        }
        return hits[position - first]
    }

    private func search(_ positions: Range<Int>) throws {
        let columnCount = load(positions)
        let firstCount = min(Self.firstGroupCount, spread.count)
        searchFirstGroups(firstCount, positions.count)
        let count = chooseGroups(firstCount, positions.count)
        var next = 0
        var nextGuess = Self.firstGuess
        while next < count {
            try Task.checkCancellation()
            let end = min(next + Self.groupsPerStep, count)
            search(groups.start + next, end - next, columnCount, positions.count)
            next = end
            let share = Double(next + firstCount) / Double(count + firstCount)
            if share >= nextGuess && next < count {
                nextGuess = 2 * share
                for query in 0..<positions.count { guessFloor(query, share: share) }
            }
        }
        for query in 0..<positions.count {
            raiseFloor(query)
            if !hits[query].isComplete { searchAlone(query) }
        }
    }

    /// Looks at the groups to begin with, and guesses a floor from their scores.
    private func searchFirstGroups(_ count: Int, _ queryCount: Int) {
        let share = Double(count) / Double(max(1, spread.count))
        spread.withUnsafeBufferPointer { spread in
            guard let groups = spread.baseAddress else { return }
            for place in 0..<count { firstClients.start[place] = index.ordered.clients(ofGroup: Int(groups[place])) }
            for query in 0..<queryCount {
                kernel.score(
                    lanes.levels[0].groups, for: laneQueries[query], candidates: groups, count: count,
                    into: firstScores.start)
                let score = kernel.score(
                    reachedBy: rank(share: share), firstScores.start, weights: firstClients.start, count: count)
                if score > -.infinity { hits[query].guess(floor: score) }
                kernel.select(
                    firstScores.start, of: groups, count: count,
                    floor: max(hits[query].floor, -.greatestFiniteMagnitude), into: &hits[query].list)
            }
        }
    }

    /// Guesses a higher floor from the hits in a part of the groups.
    private func guessFloor(_ query: Int, share: Double) {
        hits[query].admitNew(for: queries[query])
        let score = hits[query].score(reachedBy: rank(share: share), kernel: kernel)
        if score > hits[query].floor { hits[query].guess(floor: score) }
    }

    /// The rank in a sample that the k nearest clients are expected not to exceed.
    ///
    /// As many clients as are expected and three standard deviations: about one query in a thousand has more.
    private func rank(share: Double) -> Int {
        let expected = Double(index.model.k) * share
        return Int(min((expected + 3 * expected.squareRoot() + 1).rounded(.up), 0x1p62))
    }

    private func raiseFloor(_ query: Int) {
        hits[query].admitNew(for: queries[query])
        hits[query].raiseFloor(for: queries[query], kernel: kernel)
    }

    /// Searches for a query whose floor was guessed too high.
    private func searchAlone(_ query: Int) {
        let floor = hits[query].provenFloor
        hits[query].reset(floor: floor)
        let (groups, count) = candidates.groups(
            of: lanes.levels, for: queries[query].lanes, floor: floor, kernel: kernel)
        candidates.search(
            lanes.levels[0], groups, count: count, for: queries[query].lanes, floor: floor, kernel: kernel,
            into: &hits[query].list)
        raiseFloor(query)
    }

    /// Takes the queries of a batch, and the columns that any of them has.
    private func load(_ positions: Range<Int>) -> Int {
        var isUsed = [Bool](repeating: false, count: index.portfolios.vectors.columnCount)
        for (query, position) in positions.enumerated() {
            queries[query].load(position: position)
            hits[query].reset()
            let portfolio = index.ordered[position]
            for place in 0..<portfolio.size { isUsed[Int(portfolio.columns[place])] = true }
        }
        var columnCount = 0
        for column in isUsed.indices where isUsed[column] {
            columns.start[columnCount] = Int32(column)
            columnCount += 1
        }
        let height = kernel.tileHeight
        for query in 0..<Self.queryCount {
            let source = queries[min(query, positions.count - 1)]
            laneQueries.start[query] = source.lanes
            for column in 0..<columnCount {
                let tile = query / height * height * columnCount
                values.start[tile + column * height + query % height] = source.value(ofColumn: columns.start[column])
            }
        }
        return columnCount
    }

    private func search(
        _ positions: UnsafePointer<Int32>, _ count: Int, _ columnCount: Int, _ queryCount: Int
    ) {
        for query in 0..<Self.queryCount {
            let isUsed = query < queryCount
            floors.start[query] = isUsed ? hits[query].floor : .infinity
            lists.start[query] = hits[min(query, queryCount - 1)].list
        }
        let height = kernel.tileHeight
        let batch = LaneBatch(
            queries: laneQueries.start, floors: floors.start,
            queryCount: (queryCount + height - 1) / height * height,
            columns: columns.start, columnCount: columnCount, values: values.start)
        kernel.search(lanes.levels[0].groups, for: batch, candidates: positions, count: count, into: lists.start)
        for query in 0..<queryCount { hits[query].list = lists.start[query] }
    }

    /// Lists the groups that bounds do not exclude for every query, without those that were looked at.
    private func chooseGroups(_ firstCount: Int, _ queryCount: Int) -> Int {
        let triesBounds = batchesUntilBounds == 0
        isCandidate.start.update(repeating: !triesBounds, count: spread.count)
        if triesBounds {
            for query in 0..<queryCount {
                let (groups, count) = candidates.groups(
                    of: lanes.levels, for: queries[query].lanes, floor: hits[query].floor, kernel: kernel)
                for place in 0..<count { isCandidate.start[Int(groups[place])] = true }
            }
        }
        var count = 0
        for group in spread[firstCount...] where isCandidate[Int(group)] {
            groups.start[count] = group
            count += 1
        }
        if triesBounds {
            let excluded = Double(spread.count - firstCount - count)
            if excluded < Self.worthwhileShare * Double(spread.count) {
                batchesUntilBounds = Self.batchesWithoutBounds
            }
        } else {
            batchesUntilBounds -= 1
        }
        return count
    }
}
