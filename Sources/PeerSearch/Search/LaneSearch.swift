internal import DistanceKernels

/// Searches lanes for one query after the other: first where the peers of the query before were, then wherever bounds allow
/// for more.
final class LaneSearch: HitSearch {
    /// Groups between two looks at the new hits.
    private static let groupsPerStep = 256

    private let index: ScoreIndex
    private let lanes: LaneIndex
    private let kernel: any DistanceKernel.Type
    private let query: QueryLanes
    private var hits: Hits
    private var recent: RecentGroups
    private var candidates: GroupCandidates

    private let recentScores = AlignedMemory<SIMD16<Float>>(uninitializedCount: RecentGroups.limit)
    private let recentClients = AlignedMemory<SIMD16<Int32>>(uninitializedCount: RecentGroups.limit)

    init(index: ScoreIndex, lanes: LaneIndex) {
        self.index = index
        self.lanes = lanes
        kernel = index.kernel.kernel
        query = QueryLanes(index: index)
        hits = Hits(portfolioCount: lanes.levels[0].groupCount * LaneGroups.laneCount)
        candidates = GroupCandidates(levels: lanes.levels)
        recent = RecentGroups(groupCount: lanes.levels[0].groupCount)
    }

    func hits(of position: Int) -> Hits {
        query.load(position: position)
        hits.reset()
        if recent.count == 0 { recent.replace(around: position / LaneGroups.laneCount) }
        searchRecentGroups()
        var (groups, count) = candidates.groups(of: lanes.levels, for: query.lanes, floor: hits.floor, kernel: kernel)
        count = recent.remove(from: groups, count: count)
        while count > 0 {
            let step = min(count, Self.groupsPerStep)
            candidates.search(
                lanes.levels[0], groups, count: step, for: query.lanes, floor: hits.floor, kernel: kernel,
                into: &hits.list)
            if hits.isWorthRaising {
                hits.admitNew(for: query)
                hits.raiseFloor(for: query, kernel: kernel)
            }
            groups += step
            count -= step
        }
        hits.admitNew(for: query)
        if hits.list.count > 0 { recent.replace(with: hits.list) }
        return hits
    }

    /// Looks at groups of which most will have hits: all scores first, then the floor that they prove, then the hits.
    private func searchRecentGroups() {
        let (groups, count) = (recent.groups, recent.count)
        let (scores, clients) = (recentScores.start, recentClients.start)
        kernel.score(lanes.levels[0].groups, for: query.lanes, candidates: groups, count: count, into: scores)
        for place in 0..<count {
            clients[place] = index.ordered.clients(ofGroup: Int(groups[place]))
            // Of interest is who shares one product.
            if index.model.minOverlap > 1 { dropThoseWhoShareTooLittle(from: &clients[place], Int(groups[place])) }
        }
        // The query's own client is counted, too, if its portfolio is of interest.
        let number = index.model.isInformative || query.k == .max ? query.k : query.k + 1
        let score = kernel.score(reachedBy: number, scores, weights: clients, count: count)
        if score > -.infinity { hits.raiseFloor(to: query.floor(ofScore: Double(score))) }
        kernel.select(
            scores, of: groups, count: count, floor: max(hits.floor, -.greatestFiniteMagnitude), into: &hits.list)
    }

    private func dropThoseWhoShareTooLittle(from clients: inout SIMD16<Int32>, _ group: Int) {
        for lane in 0..<LaneGroups.laneCount where clients[lane] > 0 {
            clients[lane] = query.clients(at: group * LaneGroups.laneCount + lane)
        }
    }
}

/// The groups of portfolios that bounds cannot exclude.
struct GroupCandidates {
    /// Groups whose scores are computed before any of them is looked at.
    private static let groupsPerStep = 64

    private let groups: [AlignedMemory<Int32>]
    /// The bounds of a level's candidates, which nobody needs.
    private let bounds: AlignedMemory<Float>
    private let scores = AlignedMemory<SIMD16<Float>>(uninitializedCount: groupsPerStep)

    init(levels: [LaneIndex.Level]) {
        // A level's candidates are lanes of the level above, and for the highest all of its groups. Kernels append in
        // steps of four.
        groups = levels.map { level in
            AlignedMemory(repeating: 0, count: level.groupCount + 2 * LaneGroups.laneCount)
        }
        bounds = AlignedMemory(repeating: 0, count: levels[0].groupCount + 2 * LaneGroups.laneCount)
    }

    /// Goes down the levels.
    ///
    /// - Returns: The groups of level 0 whose bound is at least `floor`, ascending, and how many there are.
    func groups(
        of levels: [LaneIndex.Level], for query: LaneQuery, floor: Float, kernel: any DistanceKernel.Type
    ) -> (UnsafeMutablePointer<Int32>, count: Int) {
        var level = levels.count - 1
        var count = levels[level].groupCount
        for group in 0..<count { groups[level][group] = Int32(group) }
        while level > 0 {
            var below = LaneList(positions: groups[level - 1].start, scores: bounds.start)
            search(
                levels[level], groups[level].start, count: count, for: query, floor: floor, kernel: kernel,
                into: &below)
            count = below.count
            level -= 1
        }
        return (groups[0].start, count)
    }

    /// Appends the lanes of some groups whose score is at least `floor`.
    func search(
        _ level: LaneIndex.Level, _ groups: UnsafePointer<Int32>, count: Int, for query: LaneQuery, floor: Float,
        kernel: any DistanceKernel.Type, into hits: inout LaneList
    ) {
        var first = 0
        while first < count {
            let step = min(count - first, Self.groupsPerStep)
            kernel.score(level.groups, for: query, candidates: groups + first, count: step, into: scores.start)
            kernel.select(
                scores.start, of: groups + first, count: step, floor: max(floor, -.greatestFiniteMagnitude),
                into: &hits)
            first += step
        }
    }
}
