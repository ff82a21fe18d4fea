internal import DistanceKernels

/// The groups in which the peers of the query before were found: the first that the next query visits.
///
/// Similar portfolios are neighbors in the search order, so most of the next query's peers are in the same groups: after
/// them, the floor is so high that most bounds fail at once.
struct RecentGroups {
    /// Groups at most.
    ///
    /// Half as many took 6% longer at 24,000 portfolios, twice as many saved nothing.
    static let limit = 128

    private let memory = AlignedMemory<Int32>(repeating: 0, count: limit)
    /// The last round in which each group was listed or visited.
    private let rounds: AlignedMemory<Int32>
    private var round: Int32 = 0
    /// How many groups there are.
    private(set) var count = 0

    init(groupCount: Int) {
        rounds = AlignedMemory(repeating: 0, count: groupCount)
    }

    /// The groups.
    var groups: UnsafePointer<Int32> { UnsafePointer(memory.start) }

    /// Lists the groups of some hits.
    mutating func replace(with hits: LaneList) {
        round &+= 1
        count = 0
        var hit = 0
        while hit < hits.count && count < Self.limit {
            let group = hits.positions[hit] / Int32(LaneGroups.laneCount)
            memory.start[count] = group
            // Without a branch, which could not be foreseen.
            count &+= rounds.start[Int(group)] == round ? 0 : 1
            rounds.start[Int(group)] = round
            hit &+= 1
        }
    }

    /// Lists a group and its neighbors, where there was no query before.
    mutating func replace(around group: Int) {
        let first = max(0, group - Self.limit / 4)
        count = min(Self.limit / 2, rounds.count - first)
        for place in 0..<count { memory.start[place] = Int32(first + place) }
    }

    /// Takes these groups off a list of candidates, and their bounds off that of bounds.
    ///
    /// - Returns: How many are left.
    mutating func remove(
        from candidates: UnsafeMutablePointer<Int32>, _ bounds: UnsafeMutablePointer<Float>, count candidateCount: Int
    ) -> Int {
        round &+= 1
        for place in 0..<count { rounds.start[Int(memory[place])] = round }
        var kept = 0
        for candidate in 0..<candidateCount {
            let group = candidates[candidate]
            candidates[kept] = group
            bounds[kept] = bounds[candidate]
            kept &+= rounds.start[Int(group)] == round ? 0 : 1
        }
        return kept
    }
}
