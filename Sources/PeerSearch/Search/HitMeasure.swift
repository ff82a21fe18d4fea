internal import DistanceKernels

/// Gives hits their distance, and keeps the k nearest clients and those at exactly the k-th distance.
///
/// Scores decide most of the rounded distances, see ``ScoreFilter``; the others are measured in Float64.
struct HitMeasure {
    /// Ranges of distances that hits are dealt to: a few for each that is usual.
    private static let rangeCount = 512
    /// Hits in one range that are put in order by insertion; more are sorted.
    private static let crowd = 24

    private let index: ScoreIndex
    /// The query's values by column, 0 where it has none.
    private let queryValues: AlignedMemory<Double>
    /// The scaled distance of every hit.
    private var distances = AlignedMemory<Double>(uninitializedCount: 0)
    /// Hits in each range, and 2^32 for each of their clients; then where the next hit goes; 0 between two queries.
    private let counters = AlignedMemory<UInt64>(repeating: 0, count: rangeCount)

    init(index: ScoreIndex) {
        self.index = index
        queryValues = AlignedMemory(repeating: 0, count: index.portfolios.vectors.columnCount)
    }

    /// The peers among portfolios that qualify.
    ///
    /// - Parameters:
    ///   - query: The query's place in the search order.
    ///   - hits: Portfolios that qualify, those that can matter among them, all of them admitted.
    mutating func peers(of query: Int, among hits: Hits) -> PeerList {
        let count = hits.list.count
        if distances.count < count { distances = AlignedMemory(uninitializedCount: 2 * count) }
        measure(query, hits.list)
        var least = Double.infinity
        var greatest = 0.0
        for hit in 0..<count {
            least = min(least, distances.start[hit])
            greatest = max(greatest, distances.start[hit])
        }
        return PeerList(
            sorted: nearest(of: hits, from: least, through: greatest), k: index.model.k, scale: index.distance.scale)
    }

    /// Finds the distance of every hit.
    private func measure(_ query: Int, _ list: LaneList) {
        let (portfolios, distance, distances) = (index.ordered, index.distance, distances.start)
        let own = portfolios[query]
        let rule = index.filter.roundingRule(
            norm: portfolios.norms.start[query], size: own.size, norms: portfolios.norms.start)
        index.kernel.kernel.round(list, by: rule, into: distances)
        for place in 0..<own.size { queryValues.start[Int(own.columns[place])] = own.values[place] }
        for hit in 0..<list.count where distances[hit] == RoundingRule.undecided {
            distances[hit] = distance.scaled(
                from: own, to: portfolios[Int(list.positions[hit])], queryValues: queryValues.start)
        }
        for place in 0..<own.size { queryValues.start[Int(own.columns[place])] = 0 }
    }

    /// The k nearest clients and some of the next, in order: dealt to ranges of distances first, by counting.
    private func nearest(of hits: Hits, from least: Double, through greatest: Double) -> [PeerList.Peer] {
        let (counters, distances, clients) = (counters.start, distances.start, hits.clients)
        let (count, spread) = (hits.list.count, greatest - least)
        guard spread.isFinite else {
            return (0..<count).map { peer(hits, $0) }.sorted { $0.scaledDistance < $1.scaledDistance }
        }
        let rangesPerUnit = min(1, Double(Self.rangeCount - 1) / max(spread, 1))
        func range(_ distance: Double) -> Int { Int((distance - least) * rangesPerUnit) }

        for hit in 0..<count {
            counters[range(distances[hit])] &+= UInt64(UInt32(bitPattern: clients[hit])) << 32 | 1
        }
        let usedCount = range(greatest) + 1
        defer { counters.update(repeating: 0, count: usedCount) }
        // From numbers of hits to places, up to the range in which the k-th client is.
        var (end, peerCount, clientCount, most) = (0, 0, 0, 0)
        while end < usedCount && clientCount < index.model.k {
            let hitCount = Int(counters[end] & 0xFFFF_FFFF)
            clientCount &+= Int(counters[end] >> 32)
            counters[end] = UInt64(peerCount)
            peerCount &+= hitCount
            most = max(most, hitCount)
            end &+= 1
        }
        let isExact = rangesPerUnit == 1
        // Who is too far away is written behind the last peer.
        var peers = [PeerList.Peer](unsafeUninitializedCapacity: peerCount + 1) { peers, initializedCount in
            for hit in 0..<count {
                let range = range(distances[hit])
                let isNear = range < end
                peers.initializeElement(at: isNear ? Int(counters[range]) : peerCount, to: peer(hits, hit))
                counters[range] &+= isNear ? 1 : 0
            }
            initializedCount = peerCount
            if !isExact && most <= Self.crowd { Self.insertInOrder(peers, peerCount) }
        }
        if !isExact && most > Self.crowd { peers.sort { $0.scaledDistance < $1.scaledDistance } }
        return peers
    }

    /// Sorts peers that are nearly in order.
    private static func insertInOrder(_ peers: UnsafeMutableBufferPointer<PeerList.Peer>, _ count: Int) {
        guard let start = peers.baseAddress else { return }
        for next in 1..<max(1, count) {
            let peer = start[next]
            var place = next
            while place > 0 && start[place - 1].scaledDistance > peer.scaledDistance {
                start[place] = start[place - 1]
                place -= 1
            }
            start[place] = peer
        }
    }

    @inline(__always)
    private func peer(_ hits: Hits, _ hit: Int) -> PeerList.Peer {
        PeerList.Peer(
            portfolio: index.ordered.portfolios.start[Int(hits.list.positions[hit])], clients: hits.clients[hit],
            scaledDistance: distances.start[hit])
    }
}
