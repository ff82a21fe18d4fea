internal import DistanceKernels

/// The groups of portfolios that bounds cannot exclude.
struct GroupCandidates {
    /// Groups whose scores are computed before any of them is looked at.
    private static let groupsPerStep = 64

    private let groups: [AlignedMemory<Int32>]
    /// The bounds of the candidates of the level that was looked at last.
    private let boundMemory: AlignedMemory<Float>
    private let promising: AlignedMemory<Int32>
    private let scores = AlignedMemory<SIMD16<Float>>(uninitializedCount: groupsPerStep)

    init(levels: [LaneIndex.Level]) {
        // A level's candidates are lanes of the level above, and for the highest all of its groups. Kernels append in
        // steps of four.
        groups = levels.map { level in
            AlignedMemory(repeating: 0, count: level.groupCount + 2 * LaneGroups.laneCount)
        }
        boundMemory = AlignedMemory(repeating: 0, count: levels[0].groupCount + 2 * LaneGroups.laneCount)
        promising = AlignedMemory(repeating: 0, count: levels[0].groupCount + 1)
    }

    /// The bound of each group that ``groups(of:for:floor:kernel:)`` has found, where there is more than one level.
    var bounds: UnsafeMutablePointer<Float> { boundMemory.start }

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
            var below = LaneList(positions: groups[level - 1].start, scores: bounds)
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

    /// Moves the groups with the higher bounds to a list of their own.
    ///
    /// - Parameters:
    ///   - groups: Groups in the order of their bounds; at least one.
    ///   - count: How many there are; afterwards, how many are left.
    func moveAwayPromising(
        from groups: UnsafeMutablePointer<Int32>, count: inout Int
    ) -> (groups: UnsafeMutablePointer<Int32>, count: Int) {
        // A mean of some is as good as that of all.
        let step = max(1, count / 32)
        var (sum, number) = (Float(0), Float(0))
        for place in stride(from: 0, to: count, by: step) {
            sum += bounds[place]
            number += 1
        }
        let least = sum / number
        let (bounds, promising) = (bounds, promising.start)
        var (kept, moved) = (0, 0)
        for place in 0..<count {
            let (group, bound) = (groups[place], bounds[place])
            // Without a branch, which could not be foreseen.
            promising[moved] = group
            groups[kept] = group
            bounds[kept] = bound
            let isMoved = bound >= least ? 1 : 0
            moved &+= isMoved
            kept &+= 1 &- isMoved
        }
        count = kept
        return (promising, moved)
    }

    /// Drops the groups whose bound is below a floor.
    ///
    /// - Returns: How many are left.
    func keep(floor: Float, in groups: UnsafeMutablePointer<Int32>, count: Int) -> Int {
        let bounds = bounds
        var kept = 0
        for place in 0..<count {
            groups[kept] = groups[place]
            kept &+= bounds[place] >= floor ? 1 : 0
        }
        return kept
    }
}
