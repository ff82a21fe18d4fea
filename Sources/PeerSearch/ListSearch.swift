internal import DistanceKernels

/// Searches lists of holders: the scores of a block accumulate over the lists of the query's products.
final class ListSearch: HitSearch {
    /// Scores between two looks at the new hits.
    private static let scoresPerStep = 512

    private let index: ScoreIndex
    private let lists: HolderLists
    private let kernel: any DistanceKernel.Type
    private let query: QueryLanes
    private var nearest: NearestClients
    private var hits: Hits
    private let hitPositions: AlignedMemory<Int32>
    private let hitScores: AlignedMemory<Float>
    private let scores = AlignedMemory<Float>(repeating: 0, count: HolderLists.blockCapacity)

    init(index: ScoreIndex, lists: HolderLists) {
        self.index = index
        self.lists = lists
        kernel = index.kernel.kernel
        query = QueryLanes(index: index)
        nearest = NearestClients(k: index.model.k)
        hitPositions = AlignedMemory(uninitializedCount: index.order.count + HolderLists.blockCapacity)
        hitScores = AlignedMemory(uninitializedCount: index.order.count + HolderLists.blockCapacity)
        hits = Hits(LaneList(positions: hitPositions.start, scores: hitScores.start))
    }

    func hits(of position: Int) throws -> Hits {
        query.load(position: position)
        hits.reset()
        nearest.reset(ceiling: query.ceiling, norm: query.norm)
        // The query's neighbors first: they make the floor high for all others.
        let own = position / HolderLists.blockCapacity
        for (step, block) in Self.first(own, of: lists.blockCount).enumerated() {
            if step % 16 == 15 { try Task.checkCancellation() }
            guard accumulate(block: block) || index.model.minOverlap == 0 else { continue }
            select(block: block)
        }
        hits.dropFarAway()
        return hits
    }

    /// Adds up the scores of a block.
    ///
    /// - Returns: Whether any of its portfolios holds a product of the query.
    private func accumulate(block: Int) -> Bool {
        let scores = self.scores.start
        let lanes = query.lanes
        var hasHolders = false
        scores.update(from: lists.starts.start + block * HolderLists.blockCapacity, count: HolderLists.blockCapacity)
        for column in 0..<lanes.count {
            let list = lists.list(ofProduct: lanes.columns[column], inBlock: block)
            if list.isEmpty { continue }
            hasHolders = true
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
                start, count: Self.scoresPerStep, firstPosition: Int32(first + offset), floor: leastScore,
                into: &hits.list)
            keepEligible(from: before)
            hits.admitNew(for: query, nearest: &nearest)
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
        // By cosine, every hit shares a product.
        let isOverlapCertain = index.model.minOverlap <= (index.model.distance == .cosine ? 1 : 0)
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
