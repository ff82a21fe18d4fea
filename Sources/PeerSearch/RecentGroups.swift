internal import DistanceKernels

/// The groups in which the peers of the query before were found: the first that the next query visits.
///
/// Similar portfolios are neighbors in the search order, so most of the next query's peers are in the same groups: after
/// them, the floor is so high that most bounds fail at once.
struct RecentGroups {
    /// Groups at most.
    ///
    /// Half as many took 6% longer at 24,000 portfolios, twice as many saved nothing.
    private static let limit = 128

    private let positions = AlignedMemory<Int32>(repeating: 0, count: limit)
    private let bounds = AlignedMemory<Float>(repeating: .infinity, count: limit)
    /// The last round in which each group was listed or visited.
    private let rounds: AlignedMemory<Int32>
    private var round: Int32 = 0
    /// The groups, those of the nearest past first.
    private(set) var list: LaneList

    init(groupCount: Int) {
        rounds = AlignedMemory(repeating: 0, count: groupCount)
        list = LaneList(positions: positions.start, scores: bounds.start)
    }

    /// Lists the groups of some hits.
    mutating func replace(with hits: LaneList) {
        round &+= 1
        list.count = 0
        var hit = 0
        while hit < hits.count && list.count < Self.limit {
            let group = hits.positions[hit] / Int32(LaneGroups.laneCount)
            list.positions[list.count] = group
            // Without a branch, which could not be foreseen.
            list.count &+= rounds.start[Int(group)] == round ? 0 : 1
            rounds.start[Int(group)] = round
            hit &+= 1
        }
    }

    /// Lists a single group, where there was no query before.
    mutating func replace(with group: Int) {
        list.positions[0] = Int32(group)
        list.count = 1
    }

    /// Takes these groups off a list of candidates.
    mutating func remove(from candidates: inout LaneList) {
        round &+= 1
        for index in 0..<list.count { rounds.start[Int(list.positions[index])] = round }
        var kept = 0
        for candidate in 0..<candidates.count {
            let group = candidates.positions[candidate]
            candidates.positions[kept] = group
            candidates.scores[kept] = candidates.scores[candidate]
            kept &+= rounds.start[Int(group)] == round ? 0 : 1
        }
        candidates.count = kept
    }
}
