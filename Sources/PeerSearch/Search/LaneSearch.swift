internal import DistanceKernels

/// Searches lanes for one query after the other: first where the peers of the query before were, then wherever bounds allow
/// for more.
final class LaneSearch: HitSearch {
    /// Groups between two looks at the new hits.
    private static let groupsPerStep = 256
    /// Candidates of which it pays to look at a part first.
    private static let worthwhileCount = 48

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
        searchCandidates()
        hits.admitNew(for: query)
        if hits.list.count > 0 { recent.replace(with: hits.list) }
        return hits
    }

    /// Looks at the other groups that bounds do not exclude, the most promising ones first: what they have raises the
    /// floor, and excludes most of the rest.
    private func searchCandidates() {
        var (groups, count) = candidates.groups(of: lanes.levels, for: query.lanes, floor: hits.floor, kernel: kernel)
        count = recent.remove(from: groups, candidates.bounds, count: count)
        if lanes.levels.count > 1 && count >= Self.worthwhileCount {
            let promising = candidates.moveAwayPromising(from: groups, count: &count)
            let before = hits.list.count
            search(promising.groups, count: promising.count)
            if hits.list.count > before {
                hits.admitNew(for: query)
                hits.raiseFloor(for: query, kernel: kernel)
                count = candidates.keep(floor: hits.floor, in: groups, count: count)
            }
        }
        search(groups, count: count)
    }

    private func search(_ groups: UnsafePointer<Int32>, count: Int) {
        var first = 0
        while first < count {
            let step = min(count - first, Self.groupsPerStep)
            candidates.search(
                lanes.levels[0], groups + first, count: step, for: query.lanes, floor: hits.floor, kernel: kernel,
                into: &hits.list)
            if hits.isWorthRaising {
                hits.admitNew(for: query)
                hits.raiseFloor(for: query, kernel: kernel)
            }
            first += step
        }
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
