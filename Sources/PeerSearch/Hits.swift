internal import DistanceKernels

/// Portfolios that may be among the k nearest peers of a query, by their places in the search order, with their scores.
struct Hits {
    /// Places and scores, in any order.
    var list: LaneList
    /// Hits that have been admitted: they qualify, and their clients are counted.
    private var admittedCount = 0
    /// The least score of interest.
    private(set) var floor = -Float.infinity
    /// The least score of interest as far as it is proven: all the k nearest clients have it.
    private(set) var provenFloor = -Float.infinity
    private var guess = -Float.infinity

    /// Groups between two looks at the new hits.
    private static let groupsPerStep = 16

    init(_ list: LaneList) {
        self.list = list
    }

    /// Forgets everything, for the next query.
    ///
    /// - Parameter floor: A score below which no portfolio is of interest.
    mutating func reset(floor: Float = -.infinity) {
        list.count = 0
        admittedCount = 0
        provenFloor = floor
        self.floor = floor
        guess = -.infinity
    }

    /// Supposes that no portfolio with a lower score is of interest; see ``isComplete``.
    mutating func guess(floor: Float) {
        guess = floor
        self.floor = max(provenFloor, floor)
    }

    /// Whether no portfolio of interest can have been missed, once all have been looked at: the guess was low enough.
    var isComplete: Bool { provenFloor >= guess }

    /// Looks for hits in some groups; the floor rises on the way.
    mutating func search(
        _ groups: LaneGroups, candidates: LaneList, for query: QueryLanes, nearest: inout NearestClients,
        kernel: any DistanceKernel.Type
    ) {
        let lanes = query.lanes
        var next = 0
        while next < candidates.count {
            let end = min(next + Self.groupsPerStep, candidates.count)
            kernel.search(groups, for: lanes, floor: floor, candidates: candidates, range: next..<end, into: &list)
            admitNew(for: query, nearest: &nearest)
            next = end
        }
    }

    /// Drops those of the new hits that do not qualify, counts the clients of the others and raises the floor.
    mutating func admitNew(for query: QueryLanes, nearest: inout NearestClients) {
        guard admittedCount < list.count else { return }
        let (positions, scores) = (list.positions, list.scores)
        var counted = nearest
        var kept = admittedCount
        for hit in admittedCount..<list.count {
            let position = positions[hit]
            let score = scores[hit]
            let clients = query.clients(at: Int(position))
            if clients == 0 { continue }
            positions[kept] = position
            scores[kept] = score
            kept &+= 1
            counted.insert(score: score, clients: clients)
        }
        list.count = kept
        admittedCount = kept
        if let score = counted.score() {
            provenFloor = max(provenFloor, query.floor(ofScore: score))
            floor = max(floor, provenFloor)
        }
        nearest = counted
    }

    /// Drops the hits below the floor.
    mutating func dropFarAway() {
        let (positions, scores, floor) = (list.positions, list.scores, floor)
        var kept = 0
        for hit in 0..<list.count {
            let score = scores[hit]
            positions[kept] = positions[hit]
            scores[kept] = score
            // Without a branch, which could not be foreseen.
            kept &+= 1 &- Int((score - floor).bitPattern >> 31)
        }
        list.count = kept
        admittedCount = kept
    }
}
