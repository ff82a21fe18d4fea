internal import DistanceKernels

/// Peers as voters, level by level, in the form that kernels take; scratch memory of one worker.
struct VoterMemory {
    /// Levels.
    private(set) var levelCount = 0
    private var rows = AlignedMemory<Int32>(repeating: 0, count: 0)
    private var clients = AlignedMemory<Double>(repeating: 0, count: 0)
    private var weights = AlignedMemory<Double>(repeating: 0, count: 0)
    private var ends = AlignedMemory<Int32>(repeating: 0, count: 0)
    private var clientsOfLevel = AlignedMemory<Double>(repeating: 0, count: 0)

    /// Takes the peers of a portfolio.
    mutating func load(_ peers: PeerList, metric: DistanceMetric) {
        reserve(peers.peers.count)
        let (rows, clients, weights) = (rows.start, clients.start, weights.start)
        let (ends, clientsOfLevel) = (ends.start, clientsOfLevel.start)
        // Where a level ends cannot be foreseen: every peer writes down its level as it is so far.
        var (level, sum, last, voter) = (-1, 0.0, Double.nan, 0)
        for peer in peers.peers {
            let (distance, number) = (peer.scaledDistance, Double(peer.clients))
            let isNext = distance != last
            level &+= isNext ? 1 : 0
            sum = (isNext ? 0 : sum) + number
            rows[voter] = peer.portfolio
            clients[voter] = number
            voter &+= 1
            weights[level] = distance
            ends[level] = Int32(truncatingIfNeeded: voter)
            clientsOfLevel[level] = sum
            last = distance
        }
        levelCount = level + 1
        let scale = peers.scale
        switch metric {
        case .cosine:
            for level in 0..<levelCount {
                weights[level] = DistanceMetric.cosine.weight(ofDistance: weights[level] / scale)
            }
        case .manhattan, .euclidean:
            for level in 0..<levelCount { weights[level] = metric.weight(ofDistance: weights[level] / scale) }
        }
    }

    /// Makes room for the voters and levels of some peers.
    private mutating func reserve(_ count: Int) {
        guard rows.count < count else { return }
        rows = AlignedMemory(uninitializedCount: 2 * count)
        clients = AlignedMemory(uninitializedCount: 2 * count)
        weights = AlignedMemory(uninitializedCount: 2 * count)
        ends = AlignedMemory(uninitializedCount: 2 * count)
        clientsOfLevel = AlignedMemory(uninitializedCount: 2 * count)
    }

    /// Some of the levels.
    func rounds(_ levels: Range<Int>) -> VoteRounds {
        VoteRounds(
            rows: rows.start, clients: clients.start, weights: weights.start + levels.lowerBound,
            ends: ends.start + levels.lowerBound, count: levels.count,
            start: levels.lowerBound == 0 ? 0 : Int(ends.start[levels.lowerBound - 1]))
    }

    /// Σ weight · clients of the first levels.
    func total(ofFirst count: Int) -> Double {
        var total = 0.0
        for level in 0..<count { total += weights.start[level] * clientsOfLevel.start[level] }
        return total
    }
}
