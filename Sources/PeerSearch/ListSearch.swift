internal import DistanceKernels

/// Searches lists of holders: the scores of a block accumulate over the lists of the query's products.
final class ListSearch: HitSearch {
    /// Scores between two looks at the new hits.
    private static let scoresPerStep = 512

    private let index: PeerIndex
    private let lists: HolderLists
    private let kernel: any DistanceKernel.Type
    private let query: QueryLanes
    private var nearest: NearestClients
    private var hits: Hits
    private let hitPositions: AlignedMemory<Int32>
    private let hitScores: AlignedMemory<Float>
    private let scores = AlignedMemory<Float>(repeating: 0, count: HolderLists.blockCapacity)

    init(index: PeerIndex, lists: HolderLists) {
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
        hits.reset(floor: floorOfLastHits())
        nearest.reset(ceiling: query.ceiling, norm: query.norm)
        for block in 0..<lists.blockCount {
            if block % 16 == 15 { try Task.checkCancellation() }
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
            switch lanes.overlap {
            case .product:
                for entry in list { scores[Int(holders[entry])] += weight * values[entry] }
            case .minimum:
                for entry in list { scores[Int(holders[entry])] += values[entry] < weight ? values[entry] : weight }
            }
        }
        return hasHolders
    }

    private func select(block: Int) {
        let first = block * HolderLists.blockCapacity
        var offset = 0
        while offset < HolderLists.blockCapacity && first + offset < index.order.count {
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
            offset += Self.scoresPerStep
        }
    }

    private func keepEligible(from first: Int) {
        var kept = first
        for hit in first..<hits.list.count where query.qualifies(Int(hits.list.positions[hit])) {
            hits.list.positions[kept] = hits.list.positions[hit]
            hits.list.scores[kept] = hits.list.scores[hit]
            kept += 1
        }
        hits.list.count = kept
    }

    /// The floor of the score that k clients reach among the peers of the query before: similar portfolios are neighbors
    /// in the search order, so they are near this one, too.
    private func floorOfLastHits() -> Float {
        nearest.reset(ceiling: query.ceiling, norm: query.norm)
        for hit in 0..<hits.list.count {
            let position = Int(hits.list.positions[hit])
            guard query.qualifies(position) else { continue }
            nearest.insert(score: query.score(of: position), clients: query.clients(at: position))
        }
        return nearest.score().map { query.floor(ofScore: $0) } ?? -.infinity
    }
}
