internal import DistanceKernels

/// Searches lanes for one query after the other: first where the peers of the query before were, then from the highest
/// bounds down.
final class LaneSearch: HitSearch {
    private let index: ScoreIndex
    private let lanes: LaneIndex
    private let kernel: any DistanceKernel.Type
    private let query: QueryLanes
    private var nearest: NearestClients
    private var hits: Hits
    private var recent: RecentGroups

    private let hitPositions: AlignedMemory<Int32>
    private let hitScores: AlignedMemory<Float>
    private var candidates: GroupCandidates

    init(index: ScoreIndex, lanes: LaneIndex) {
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
        recent = RecentGroups(groupCount: lanes.levels[0].groupCount)
    }

    func hits(of position: Int) -> Hits {
        query.load(position: position)
        hits.reset()
        nearest.reset(ceiling: query.ceiling, norm: query.norm)
        if recent.list.count == 0 { recent.replace(with: position / LaneGroups.laneCount) }
        let levels = lanes.levels
        hits.search(levels[0].groups, candidates: recent.list, for: query, nearest: &nearest, kernel: kernel)
        var others = candidates.groups(of: levels, for: query.lanes, floor: hits.floor, kernel: kernel)
        recent.remove(from: &others)
        hits.search(levels[0].groups, candidates: others, for: query, nearest: &nearest, kernel: kernel)
        hits.dropFarAway()
        if hits.list.count > 0 { recent.replace(with: hits.list) }
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
