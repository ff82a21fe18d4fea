internal import DistanceKernels

/// Searches lanes for one query after the other, from the highest bounds down.
///
/// The peers of the queries before give a floor to begin with, see ``PeerPool``, so that most bounds fail at once.
final class LaneSearch: HitSearch {
    /// Groups between two looks at the new hits.
    private static let groupsPerStep = 16

    /// Hits per peer from which on the pool is renewed.
    private static let surplus = 2

    private let index: PeerIndex
    private let lanes: LaneIndex
    private let kernel: any DistanceKernel.Type
    private let query: QueryLanes
    private var nearest: NearestClients
    private var hits: Hits
    private var pool: PeerPool

    private let hitPositions: AlignedMemory<Int32>
    private let hitScores: AlignedMemory<Float>
    private var candidates: GroupCandidates

    init(index: PeerIndex, lanes: LaneIndex) {
        self.index = index
        self.lanes = lanes
        kernel = index.kernel.kernel
        query = QueryLanes(index: index)
        nearest = NearestClients(k: index.model.k)
        let capacity = lanes.levels[0].groupCount * LaneGroups.laneCount
        hitPositions = AlignedMemory(uninitializedCount: capacity)
        hitScores = AlignedMemory(uninitializedCount: capacity)
        hits = Hits(LaneList(positions: hitPositions.start, scores: hitScores.start))
        candidates = GroupCandidates(levels: lanes.levels)
        pool = PeerPool(index: index)
    }

    func hits(of position: Int) -> Hits {
        query.load(position: position)
        let lanes = query.lanes
        if pool.isEmpty { pool.add(neighborsOf: position) }
        let floor = pool.floor(for: query, kernel: kernel, nearest: &nearest)
        hits.reset(floor: floor)
        nearest.reset(ceiling: query.ceiling, norm: query.norm)
        let list = candidates.groups(of: self.lanes.levels, for: lanes, floor: floor, kernel: kernel)
        let groups = self.lanes.levels[0].groups
        var next = 0
        while next < list.count {
            let end = min(next + Self.groupsPerStep, list.count)
            kernel.search(
                groups, for: lanes, floor: hits.floor, candidates: list, range: next..<end, into: &hits.list)
            hits.admitNew(for: query, nearest: &nearest)
            next = end
        }
        // Where the pool knew most of the peers already, the next query can do with it as well.
        let isPoolGood = floor > -.infinity && hits.list.count < Self.surplus * index.model.k
        hits.dropFarAway()
        if !isPoolGood { pool.add(hits) }
        return hits
    }
}

/// The groups of portfolios that bounds cannot exclude.
struct GroupCandidates {
    private let positions: [AlignedMemory<Int32>]
    private let scores: [AlignedMemory<Float>]

    init(levels: [LaneIndex.Level]) {
        // A level's candidates are lanes of the level above, and for the highest all of its groups.
        let lanes = LaneGroups.laneCount
        let capacities = levels.map { ($0.groupCount + lanes) / lanes * lanes }
        positions = capacities.map { AlignedMemory(repeating: 0, count: $0) }
        scores = capacities.map { AlignedMemory(repeating: 0, count: $0) }
    }

    /// Goes down the levels.
    ///
    /// - Returns: The groups of level 0 whose bound is at least `floor`, ascending, with their bounds.
    func groups(
        of levels: [LaneIndex.Level], for query: LaneQuery, floor: Float, kernel: any DistanceKernel.Type
    ) -> LaneList {
        var level = levels.count - 1
        var list = LaneList(positions: positions[level].start, scores: scores[level].start)
        list.count = levels[level].groupCount
        for group in 0..<list.count {
            list.positions[group] = Int32(group)
            list.scores[group] = .infinity
        }
        while level > 0 {
            var below = LaneList(positions: positions[level - 1].start, scores: scores[level - 1].start)
            kernel.search(
                levels[level].groups, for: query, floor: floor, candidates: list, range: 0..<list.count, into: &below)
            list = below
            level -= 1
        }
        return list
    }
}
