internal import DistanceKernels

/// Portfolios that may be among the k nearest peers of a query, by their places in the search order, with their scores.
struct Hits {
    /// Places and scores, in any order.
    var list: LaneList
    /// The clients of the hits that have been admitted: those qualify.
    var clients: UnsafePointer<Int32> { UnsafePointer(clientMemory.start) }
    private var admittedCount = 0
    /// The least score of interest.
    private(set) var floor = -Float.infinity
    /// The least score of interest as far as it is proven: all the k nearest clients have it.
    private(set) var provenFloor = -Float.infinity
    private var guess = -Float.infinity

    private let positions: AlignedMemory<Int32>
    private let scores: AlignedMemory<Float>
    private let clientMemory: AlignedMemory<Int32>

    /// New hits that are worth raising the floor for: to admit one takes a nanosecond or two, whatever its score.
    private static let worthwhileCount = 256

    /// Memory for hits among some portfolios.
    init(portfolioCount: Int) {
        // Kernels append in steps of four, and vectors are filled up.
        let capacity = portfolioCount + 2 * LaneGroups.laneCount
        positions = AlignedMemory(uninitializedCount: capacity)
        scores = AlignedMemory(uninitializedCount: capacity)
        clientMemory = AlignedMemory(uninitializedCount: capacity)
        list = LaneList(positions: positions.start, scores: scores.start)
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

    /// Whether there are so many new hits that it would pay to admit them and to raise the floor.
    var isWorthRaising: Bool { list.count &- admittedCount >= Self.worthwhileCount }

    /// Raises the floor to one that is proven.
    mutating func raiseFloor(to proven: Float) {
        provenFloor = max(provenFloor, proven)
        floor = max(floor, provenFloor)
    }

    /// Raises the floor to what the k nearest clients among the hits prove, and drops the hits below it.
    ///
    /// - Precondition: All hits have been admitted.
    mutating func raiseFloor(for query: QueryLanes, kernel: any DistanceKernel.Type) {
        let score = score(reachedBy: query.k, kernel: kernel)
        guard score > -.infinity else { return }
        raiseFloor(to: query.floor(ofScore: Double(score)))
        let (positions, scores, clients, floor) = (list.positions, list.scores, clientMemory.start, floor)
        var kept = 0
        for hit in 0..<list.count {
            let score = scores[hit]
            positions[kept] = positions[hit]
            scores[kept] = score
            clients[kept] = clients[hit]
            // Without a branch, which could not be foreseen.
            kept &+= 1 &- Int((score - floor).bitPattern >> 31)
        }
        list.count = kept
        admittedCount = kept
    }

    /// Drops those of the new hits that do not qualify.
    mutating func admitNew(for query: QueryLanes) {
        if query.sharesEnough {
            let (clients, own) = (query.clientsByPosition, Int32(query.position))
            // Nobody may be left to take off: whoever asks need not count, see Portfolios.counting.
            admitNew { max(0, clients[Int($0)] &- ($0 == own ? 1 : 0)) }
        } else {
            admitNew { query.clients(at: Int($0)) }
        }
    }

    /// Drops those of the new hits that have no clients.
    ///
    /// - Parameter clientsAt: The clients at a position.
    @inline(__always)
    private mutating func admitNew(clientsAt: (_ position: Int32) -> Int32) {
        let (positions, scores, clients) = (list.positions, list.scores, clientMemory.start)
        var kept = admittedCount
        for hit in admittedCount..<list.count {
            let position = positions[hit]
            let count = clientsAt(position)
            positions[kept] = position
            scores[kept] = scores[hit]
            clients[kept] = count
            // Without a branch, which could not be foreseen.
            kept &+= count == 0 ? 0 : 1
        }
        list.count = kept
        admittedCount = kept
    }

    /// The score that a number of clients among the admitted hits reach; minus infinity where there are fewer.
    func score(reachedBy number: Int, kernel: any DistanceKernel.Type) -> Float {
        let vectorCount = (admittedCount + LaneGroups.laneCount - 1) / LaneGroups.laneCount
        for rest in admittedCount..<(vectorCount * LaneGroups.laneCount) {
            list.scores[rest] = -.infinity
            clientMemory.start[rest] = 0
        }
        return kernel.score(
            reachedBy: number, UnsafeRawPointer(list.scores).assumingMemoryBound(to: SIMD16<Float>.self),
            weights: UnsafeRawPointer(clients).assumingMemoryBound(to: SIMD16<Int32>.self), count: vectorCount)
    }
}
