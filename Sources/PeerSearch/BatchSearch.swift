internal import DistanceKernels

/// Searches lanes for several queries together: portfolios that hold most products have most columns in common, and a
/// tile of queries and lanes computes them several times faster.
///
/// A sample tells what floor to expect, so that few portfolios are hits that are none in the end. A floor that turns out
/// to be too high has missed peers: that query is searched for again, alone.
///
/// Bounds are tried as long as they exclude enough; on data without structure they exclude nothing.
final class BatchSearch: HitSearch {
    /// Queries in a batch, a multiple of every kernel's tile height.
    private static let queryCount = 32
    /// Groups between two looks at the new hits.
    private static let groupsPerStep = 48
    /// Bounds pay if they exclude more than this share of the groups; they cost a sixteenth of a visit.
    private static let worthwhileShare = 0.25
    /// Batches without bounds after a batch for which they did not pay.
    private static let batchesWithoutBounds = 15

    private let index: ScoreIndex
    private let lanes: LaneIndex
    private let sample: LaneSample
    private let kernel: any DistanceKernel.Type
    private var queries: [QueryLanes]
    private var nearest: [NearestClients]
    private var nearestOfSample: [NearestClients]
    private var hits: [Hits]
    private let hitPositions: AlignedMemory<Int32>
    private let hitScores: AlignedMemory<Float>
    private var candidates: GroupCandidates
    private let isCandidate: AlignedMemory<Bool>
    private let groups: AlignedMemory<Int32>

    private let laneQueries: AlignedMemory<LaneQuery>
    private let floors = AlignedMemory<Float>(repeating: .infinity, count: queryCount)
    private let lists: AlignedMemory<LaneList>
    private let columns: AlignedMemory<Int32>
    private let values: AlignedMemory<Float>

    /// The batch whose hits are at hand, by the place of its first query; -1 before the first.
    private var firstPosition = -1
    private var batchesUntilBounds = 0

    init(index: ScoreIndex, lanes: LaneIndex, sample: LaneSample) {
        self.index = index
        self.lanes = lanes
        self.sample = sample
        nearestOfSample = sample.stages.indices.map {
            NearestClients(k: sample.rank(ofClients: index.model.k, stage: $0))
        }
        kernel = index.kernel.kernel
        let groupCount = lanes.levels[0].groupCount
        let capacity = groupCount * LaneGroups.laneCount
        let productCount = index.portfolios.productCount
        queries = (0..<Self.queryCount).map { _ in QueryLanes(index: index) }
        nearest = (0..<Self.queryCount).map { _ in NearestClients(k: index.model.k) }
        let positions = AlignedMemory<Int32>(uninitializedCount: Self.queryCount * capacity)
        let scores = AlignedMemory<Float>(uninitializedCount: Self.queryCount * capacity)
        hits = (0..<Self.queryCount).map {
            Hits(LaneList(positions: positions.start + $0 * capacity, scores: scores.start + $0 * capacity))
        }
        hitPositions = positions
        hitScores = scores
        candidates = GroupCandidates(levels: lanes.levels)
        isCandidate = AlignedMemory(repeating: false, count: groupCount)
        groups = AlignedMemory(repeating: 0, count: groupCount)
        laneQueries = AlignedMemory(uninitializedCount: Self.queryCount)
        lists = AlignedMemory(uninitializedCount: Self.queryCount)
        columns = AlignedMemory(repeating: 0, count: productCount)
        values = AlignedMemory(repeating: 0, count: Self.queryCount * productCount)
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
        guessFloors(columnCount, positions.count)
        let count = chooseGroups(positions.count)
        var next = 0
        while next < count {
            try Task.checkCancellation()
            let end = min(next + Self.groupsPerStep, count)
            search(lanes.levels[0].groups, groups.start + next, end - next, columnCount, positions.count)
            for query in 0..<positions.count { hits[query].admitNew(for: queries[query], nearest: &nearest[query]) }
            next = end
        }
        for query in 0..<positions.count {
            if !hits[query].isComplete { searchAlone(query) }
            hits[query].dropFarAway()
        }
    }

    /// Guesses the floor of each query from what a sample scores.
    private func guessFloors(_ columnCount: Int, _ queryCount: Int) {
        for (stage, range) in sample.stages.enumerated() {
            search(sample.level.groups, sample.groups.start + range.lowerBound, range.count, columnCount, queryCount)
            for query in 0..<queryCount {
                nearestOfSample[stage].reset(ceiling: queries[query].ceiling, norm: queries[query].norm)
                let list = hits[query].list
                for hit in 0..<list.count {
                    let clients = queries[query].clients(at: sample.position(ofLane: Int(list.positions[hit])))
                    nearestOfSample[stage].insert(score: list.scores[hit], clients: clients)
                }
                if let score = nearestOfSample[stage].score() { hits[query].guess(floor: Float(score)) }
            }
        }
        for query in 0..<queryCount {
            let floor = hits[query].floor
            hits[query].reset()
            hits[query].guess(floor: floor)
        }
    }

    /// Searches for a query whose floor was guessed too high.
    private func searchAlone(_ query: Int) {
        let floor = hits[query].provenFloor
        hits[query].reset(floor: floor)
        nearest[query].reset(ceiling: queries[query].ceiling, norm: queries[query].norm)
        let list = candidates.groups(of: lanes.levels, for: queries[query].lanes, floor: floor, kernel: kernel)
        hits[query].search(
            lanes.levels[0].groups, candidates: list, for: queries[query], nearest: &nearest[query], kernel: kernel)
    }

    /// Takes the queries of a batch, and the columns that any of them has.
    private func load(_ positions: Range<Int>) -> Int {
        let productCount = index.portfolios.productCount
        var isUsed = [Bool](repeating: false, count: productCount)
        for (query, position) in positions.enumerated() {
            queries[query].load(position: position)
            hits[query].reset()
            nearest[query].reset(ceiling: queries[query].ceiling, norm: queries[query].norm)
            let portfolio = index.ordered[position]
            for column in 0..<portfolio.size { isUsed[Int(portfolio.products[column])] = true }
        }
        var columnCount = 0
        for product in 0..<productCount where isUsed[product] {
            columns.start[columnCount] = Int32(product)
            columnCount += 1
        }
        let height = kernel.tileHeight
        for query in 0..<Self.queryCount {
            let source = queries[min(query, positions.count - 1)]
            laneQueries.start[query] = source.lanes
            floors.start[query] = .infinity
            for column in 0..<columnCount {
                let tile = query / height * height * columnCount
                values.start[tile + column * height + query % height] = source.value(ofProduct: columns.start[column])
            }
        }
        return columnCount
    }

    private func search(
        _ groups: LaneGroups, _ positions: UnsafePointer<Int32>, _ count: Int, _ columnCount: Int, _ queryCount: Int
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
        kernel.search(groups, for: batch, candidates: positions, count: count, into: lists.start)
        for query in 0..<queryCount { hits[query].list = lists.start[query] }
    }

    /// Lists the groups that bounds do not exclude for every query.
    private func chooseGroups(_ queryCount: Int) -> Int {
        let groupCount = lanes.levels[0].groupCount
        let triesBounds = batchesUntilBounds == 0
        isCandidate.start.update(repeating: !triesBounds, count: groupCount)
        if triesBounds {
            for query in 0..<queryCount {
                let list = candidates.groups(
                    of: lanes.levels, for: queries[query].lanes, floor: hits[query].floor, kernel: kernel)
                for candidate in 0..<list.count { isCandidate.start[Int(list.positions[candidate])] = true }
            }
        }
        var count = 0
        for group in 0..<groupCount where isCandidate.start[group] {
            groups.start[count] = Int32(group)
            count += 1
        }
        if triesBounds {
            let excluded = Double(groupCount - count)
            if excluded < Self.worthwhileShare * Double(groupCount) { batchesUntilBounds = Self.batchesWithoutBounds }
        } else {
            batchesUntilBounds -= 1
        }
        return count
    }
}
