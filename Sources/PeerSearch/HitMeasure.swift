internal import DistanceKernels

/// Gives hits their distance, and keeps the k nearest clients and those at exactly the k-th distance.
///
/// Scores decide most of the rounded distances, see ``ScoreFilter``; the others are measured in Float64.
struct HitMeasure {
    /// Distances, or ranges of them, by which hits are counted: as many as a few thousand cycles go through.
    private static let counterCount = 512
    /// Hits in one range of distances that are put in order by insertion; more are sorted.
    private static let crowd = 24

    private let index: ScoreIndex
    /// The query's values by product, 0 where it holds nothing.
    private let queryValues: AlignedMemory<Double>
    /// The scaled distance of every hit.
    private var distances = AlignedMemory<Double>(uninitializedCount: 0)
    /// Hits at each distance from the least on, then where the next of them goes; all 0 between two queries.
    private let counters = AlignedMemory<Int32>(repeating: 0, count: counterCount)

    init(index: ScoreIndex) {
        self.index = index
        queryValues = AlignedMemory(repeating: 0, count: index.portfolios.productCount)
    }

    /// The peers among portfolios that qualify.
    ///
    /// - Parameters:
    ///   - query: The query's place in the search order.
    ///   - hits: Portfolios that qualify, those that can matter among them.
    mutating func peers(of query: Int, among hits: Hits) -> PeerList {
        let list = hits.list
        if distances.count < list.count { distances = AlignedMemory(uninitializedCount: 2 * list.count) }
        measure(query, list)
        var least = Double.infinity
        var greatest = 0.0
        for hit in 0..<list.count {
            least = min(least, distances.start[hit])
            greatest = max(greatest, distances.start[hit])
        }
        let peers = inOrder(query, list, least: least, greatest: greatest)
        return PeerList(sorted: peers, k: index.model.k, scale: index.distance.scale)
    }

    /// Finds the distance of every hit.
    private func measure(_ query: Int, _ list: LaneList) {
        let (portfolios, distance, distances) = (index.ordered, index.distance, distances.start)
        let own = portfolios[query]
        index.filter.decide(
            list, norm: portfolios.norms.start[query], size: own.size, norms: portfolios.norms.start, into: distances)
        for column in 0..<own.size { queryValues.start[Int(own.products[column])] = own.values[column] }
        for hit in 0..<list.count where distances[hit] == ScoreFilter.undecided {
            distances[hit] = distance.scaled(
                from: own, to: portfolios[Int(list.positions[hit])], queryValues: queryValues.start)
        }
        for column in 0..<own.size { queryValues.start[Int(own.products[column])] = 0 }
    }

    /// Puts the hits in order by counting how many there are at each distance, or in each of many ranges of distances.
    private func inOrder(_ query: Int, _ list: LaneList, least: Double, greatest: Double) -> [PeerList.Peer] {
        let (counters, distances) = (counters.start, distances.start)
        let spread = greatest - least
        guard spread.isFinite else { return peers(query, list).sorted { $0.scaledDistance < $1.scaledDistance } }
        let countersPerUnit = min(1, Double(Self.counterCount - 1) / max(spread, 1))
        func counter(_ distance: Double) -> Int { Int((distance - least) * countersPerUnit) }

        for hit in 0..<list.count { counters[counter(distances[hit])] &+= 1 }
        let counterCount = counter(greatest) + 1
        // From counts to the places where each range begins.
        var (place, crowd): (Int32, Int32) = (0, 0)
        for counter in 0..<counterCount {
            let count = counters[counter]
            counters[counter] = place
            place &+= count
            crowd = max(crowd, count)
        }
        defer { counters.update(repeating: 0, count: counterCount) }
        let isExact = countersPerUnit == 1
        guard isExact || crowd <= Self.crowd else {
            return peers(query, list).sorted { $0.scaledDistance < $1.scaledDistance }
        }
        return [PeerList.Peer](unsafeUninitializedCapacity: list.count) { peers, initializedCount in
            for hit in 0..<list.count {
                let counter = counter(distances[hit])
                peers.initializeElement(at: Int(counters[counter]), to: peer(query, list, hit))
                counters[counter] &+= 1
            }
            initializedCount = list.count
            if !isExact { Self.insertInOrder(&peers) }
        }
    }

    /// Sorts peers that are nearly in order.
    private static func insertInOrder(_ peers: inout UnsafeMutableBufferPointer<PeerList.Peer>) {
        for next in peers.indices.dropFirst() {
            let peer = peers[next]
            var place = next
            while place > 0 && peers[place - 1].scaledDistance > peer.scaledDistance {
                peers[place] = peers[place - 1]
                place -= 1
            }
            peers[place] = peer
        }
    }

    private func peers(_ query: Int, _ list: LaneList) -> [PeerList.Peer] {
        (0..<list.count).map { peer(query, list, $0) }
    }

    @inline(__always)
    private func peer(_ query: Int, _ list: LaneList, _ hit: Int) -> PeerList.Peer {
        let position = Int(list.positions[hit])
        return PeerList.Peer(
            portfolio: index.order[position],
            clients: index.ordered.clients.start[position] &- (position == query ? 1 : 0),
            scaledDistance: distances.start[hit])
    }
}
