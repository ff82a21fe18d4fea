internal import DistanceKernels

/// Portfolios that were peers of recent queries, copied together into lanes of their own.
///
/// Similar portfolios are neighbors in the search order, so many of them are near the next query too: the score that k of
/// their clients reach is a floor to begin with.
struct PeerPool {
    /// Lanes at most: enough for the 200 peers of the usual query and those that do not qualify for the next.
    private static let laneLimit = 320

    private let portfolios: OrderedPortfolios
    private let level: LaneIndex.Level
    /// The place in the search order of each lane; the oldest is replaced first once the pool is full.
    private let members: AlignedMemory<Int32>
    private var memberCount = 0
    private var oldest = 0
    private let isMember: AlignedMemory<Bool>
    private let foundPositions: AlignedMemory<Int32>
    private let foundScores: AlignedMemory<Float>
    private let groupPositions: AlignedMemory<Int32>
    private let groupBounds: AlignedMemory<Float>

    init(index: PeerIndex) {
        portfolios = index.ordered
        let laneCount = min(Self.laneLimit, 2 * min(index.model.k, Self.laneLimit))
        level = LaneIndex.Level(laneCount: laneCount, columnCount: index.portfolios.productCount)
        members = AlignedMemory(repeating: 0, count: laneCount)
        isMember = AlignedMemory(repeating: false, count: portfolios.count)
        foundPositions = AlignedMemory(repeating: 0, count: level.groupCount * LaneGroups.laneCount)
        foundScores = AlignedMemory(repeating: 0, count: level.groupCount * LaneGroups.laneCount)
        groupPositions = AlignedMemory(repeating: 0, count: level.groupCount)
        groupBounds = AlignedMemory(repeating: .infinity, count: level.groupCount)
        for group in 0..<level.groupCount { groupPositions.start[group] = Int32(group) }
    }

    var isEmpty: Bool { memberCount == 0 }

    /// The floor of the score that k clients of the pool reach; minus infinity when fewer than k qualify.
    func floor(for query: QueryLanes, kernel: any DistanceKernel.Type, nearest: inout NearestClients) -> Float {
        nearest.reset(ceiling: query.ceiling, norm: query.norm)
        var found = LaneList(positions: foundPositions.start, scores: foundScores.start)
        let groupCount = (memberCount + LaneGroups.laneCount - 1) / LaneGroups.laneCount
        kernel.search(
            level.groups, for: query.lanes, floor: -.infinity,
            candidates: LaneList(positions: groupPositions.start, scores: groupBounds.start), range: 0..<groupCount,
            into: &found)
        var counted = nearest
        for hit in 0..<found.count {
            let clients = query.clients(at: Int(members.start[Int(found.positions[hit])]))
            counted.insert(score: found.scores[hit], clients: clients)
        }
        let score = counted.score()
        nearest = counted
        return score.map { query.floor(ofScore: $0) } ?? -.infinity
    }

    /// Adds the portfolios that are neighbors in the search order: what there is before the first query.
    mutating func add(neighborsOf position: Int) {
        let first = max(0, min(position - level.laneCount / 2, portfolios.count - level.laneCount))
        for neighbor in first..<min(first + level.laneCount, portfolios.count) { add(neighbor) }
    }

    /// Adds the peers of a query; the oldest members make room for them.
    mutating func add(_ hits: Hits) {
        for hit in 0..<min(hits.list.count, level.laneCount) { add(Int(hits.list.positions[hit])) }
    }

    @inline(__always)
    private mutating func add(_ position: Int) {
        if isMember.start[position] { return }
        isMember.start[position] = true
        let lane: Int
        if memberCount < level.laneCount {
            lane = memberCount
            memberCount += 1
        } else {
            lane = oldest
            oldest = lane + 1 == level.laneCount ? 0 : lane + 1
            let replaced = Int(members.start[lane])
            isMember.start[replaced] = false
            level.clear(portfolios[replaced], ofLane: lane)
        }
        members.start[lane] = Int32(position)
        level.set(portfolios[position], ofLane: lane)
    }
}
