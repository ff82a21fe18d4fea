internal import DistanceKernels

/// Searches lists of holders: the scores of a block accumulate over the lists of the query's products.
final class ListSearch: HitSearch {
    /// Scores between two looks at the new hits.
    private static let scoresPerStep = 512

    private let index: ScoreIndex
    private let lists: HolderLists
    private let kernel: any DistanceKernel.Type
    private let query: QueryLanes
    private var hits: Hits
    /// The groups of sixteen portfolios, ascending.
    private let groups: AlignedMemory<Int32>
    private let scores = AlignedMemory<Float>(repeating: 0, count: HolderLists.blockCapacity)

    init(index: ScoreIndex, lists: HolderLists) {
        self.index = index
        self.lists = lists
        kernel = index.kernel.kernel
        query = QueryLanes(index: index)
        hits = Hits(portfolioCount: index.order.count + HolderLists.blockCapacity)
        let groupCount = lists.starts.count / LaneGroups.laneCount
        groups = AlignedMemory(copying: Array(0..<Int32(groupCount)))
    }

    func hits(of position: Int) throws -> Hits {
        query.load(position: position)
        hits.reset()
        // The query's neighbors first: they make the floor high for all others.
        let own = position / HolderLists.blockCapacity
        for (step, block) in Self.first(own, of: lists.blockCount).enumerated() {
            if step % 16 == 15 { try Task.checkCancellation() }
            guard accumulate(block: block) || index.model.minOverlap == 0 else { continue }
            select(block: block)
        }
        hits.admitNew(for: query)
        hits.raiseFloor(for: query, kernel: kernel)
        return hits
    }

    /// Adds up the scores of a block.
    ///
    /// - Returns: Whether any of its portfolios holds a product of the query. If not, the scores are of no use to whoever
    ///   looks for portfolios that share one.
    private func accumulate(block: Int) -> Bool {
        let scores = self.scores.start
        let lanes = query.lanes
        var hasHolders = false
        scores.update(from: lists.starts.start + block * HolderLists.blockCapacity, count: HolderLists.blockCapacity)
        for column in 0..<lanes.count {
            // Products come first. Attributes alone make nobody a peer where a product must be shared.
            let isProduct = column < query.productCount
            if !isProduct && !hasHolders && index.model.minOverlap > 0 { break }
            let list = lists.list(ofColumn: lanes.columns[column], inBlock: block)
            if list.isEmpty { continue }
            if isProduct { hasHolders = true }
            let holders = lists.holders.start
            let values = lists.values.start
            let weight = lanes.values[column]
            if index.model.distance == .manhattan {
                for entry in list { scores[Int(holders[entry])] += values[entry] < weight ? values[entry] : weight }
            } else {
                for entry in list { scores[Int(holders[entry])] += weight * values[entry] }
            }
        }
        return hasHolders
    }

    private func select(block: Int) {
        let first = block * HolderLists.blockCapacity
        let count = min(HolderLists.blockCapacity, index.order.count - first)
        let stepCount = (count + Self.scoresPerStep - 1) / Self.scoresPerStep
        let own = max(0, min((query.position - first) / Self.scoresPerStep, stepCount - 1))
        for step in Self.first(own, of: stepCount) {
            let offset = step * Self.scoresPerStep
            let start = UnsafeRawPointer(scores.start + offset).assumingMemoryBound(to: SIMD16<Float>.self)
            // By cosine, whoever shares nothing has a score of exactly 0, and would be a hit of a low floor.
            let leastScore =
                index.model.distance == .cosine && index.model.minOverlap > 0
                ? max(hits.floor, Float.leastNonzeroMagnitude) : max(hits.floor, -.greatestFiniteMagnitude)
            let before = hits.list.count
            kernel.select(
                start, of: groups.start + (first + offset) / LaneGroups.laneCount,
                count: Self.scoresPerStep / LaneGroups.laneCount, floor: leastScore, into: &hits.list)
            keepEligible(from: before)
            if hits.isWorthRaising {
                hits.admitNew(for: query)
                hits.raiseFloor(for: query, kernel: kernel)
            }
        }
    }

    /// The numbers below `count`, ascending, but one of them first.
    private static func first(_ first: Int, of count: Int) -> some Sequence<Int> {
        (0..<count).lazy.map { $0 == 0 ? first : $0 <= first ? $0 - 1 : $0 }
    }

    /// Drops those of the new hits whose support does not qualify; their signatures decide on most.
    private func keepEligible(from first: Int) {
        let (positions, scores, signatures) = (hits.list.positions, hits.list.scores, lists.signatures.start)
        let outside = ~signatures[query.position]
        // By cosine, every hit shares a product, unless it may be an attribute.
        let sharesProduct = index.model.distance == .cosine && !index.portfolios.haveAttributes
        let isOverlapCertain = index.model.minOverlap <= (sharesProduct ? 1 : 0)
        var kept = first
        for hit in first..<hits.list.count {
            let position = positions[hit]
            let isInformative = !index.model.isInformative || signatures[Int(position)] & outside != 0
            guard isInformative && isOverlapCertain || query.qualifies(Int(position)) else { continue }
            positions[kept] = position
            scores[kept] = scores[hit]
            kept += 1
        }
        hits.list.count = kept
    }
}
