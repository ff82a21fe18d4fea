internal import DistanceKernels

/// Measures hits in Float64, and keeps the k nearest clients and those at exactly the k-th distance.
struct HitMeasure {
    /// Distances apart that are counted instead of sorted: 4,096 counters are quickly gone through.
    private static let counterCount = 4096

    private let index: PeerIndex
    /// The query's values by product, 0 where it holds nothing.
    private let queryValues: AlignedMemory<Double>
    /// The scaled distance of every hit.
    private var distances: [Double] = []
    /// Hits at each distance from the least on, then where the next of them goes; all 0 between two queries.
    private let counters = AlignedMemory<Int32>(repeating: 0, count: counterCount)

    init(index: PeerIndex) {
        self.index = index
        queryValues = AlignedMemory(repeating: 0, count: index.portfolios.productCount)
    }

    /// The peers among portfolios that qualify.
    ///
    /// - Parameter query: The query's place in the search order.
    mutating func peers(of query: Int, among hits: Hits) -> PeerList {
        let list = hits.list
        guard list.count > 0 else { return PeerList(sorted: [], k: index.model.k, scale: index.distance.scale) }
        let (least, greatest) = measure(query, list)
        if greatest - least < Double(Self.counterCount) {
            return countedPeers(of: query, among: list, least: least, greatest: greatest)
        }
        return sortedPeers(of: query, among: list)
    }

    /// Measures every hit.
    ///
    /// - Returns: The least and the greatest scaled distance.
    private mutating func measure(_ query: Int, _ list: LaneList) -> (least: Double, greatest: Double) {
        let portfolios = index.ordered
        let distance = index.distance
        let own = portfolios[query]
        for column in 0..<own.size { queryValues.start[Int(own.products[column])] = own.values[column] }
        distances.removeAll(keepingCapacity: true)
        var hit = 0
        while hit < list.count {
            let first = portfolios[Int(list.positions[hit])]
            if distance.metric == .cosine && hit + 4 <= list.count && first.columnCount > 4 {
                let four = InlineArray<4, OrderedPortfolios.Record> { portfolios[Int(list.positions[hit + $0])] }
                let columnCount = first.columnCount
                if four[1].columnCount == columnCount && four[2].columnCount == columnCount
                    && four[3].columnCount == columnCount
                {
                    let scaled = distance.scaledByCosine(from: own, to: four, queryValues: queryValues.start)
                    for index in 0..<4 { distances.append(scaled[index]) }
                    hit += 4
                    continue
                }
            }
            distances.append(distance.scaled(from: own, to: first, queryValues: queryValues.start))
            hit += 1
        }
        var least = Double.infinity
        var greatest = 0.0
        for scaled in distances {
            least = min(least, scaled)
            greatest = max(greatest, scaled)
        }
        for column in 0..<own.size { queryValues.start[Int(own.products[column])] = 0 }
        return (least, greatest)
    }

    /// Puts the peers in order by counting how many there are at each distance.
    private func countedPeers(of query: Int, among list: LaneList, least: Double, greatest: Double) -> PeerList {
        let portfolios = index.ordered
        let counters = self.counters.start
        for distance in distances { counters[Int(distance - least)] &+= 1 }
        let counterCount = Int(greatest - least) + 1

        // From counts to the places where each distance begins.
        var peerCount: Int32 = 0
        for counter in 0..<counterCount {
            let count = counters[counter]
            counters[counter] = peerCount
            peerCount &+= count
        }
        let peers = [PeerList.Peer](unsafeUninitializedCapacity: list.count) { peers, initializedCount in
            for hit in 0..<list.count {
                let position = Int(list.positions[hit])
                let distance = distances[hit]
                let counter = Int(distance - least)
                peers.initializeElement(
                    at: Int(counters[counter]),
                    to: PeerList.Peer(
                        portfolio: index.order[position],
                        clients: portfolios.clients.start[position] &- (position == query ? 1 : 0),
                        scaledDistance: distance))
                counters[counter] &+= 1
            }
            initializedCount = list.count
        }
        self.counters.start.update(repeating: 0, count: counterCount)
        return PeerList(sorted: peers, k: index.model.k, scale: index.distance.scale)
    }

    /// Puts the peers in order by sorting them.
    private func sortedPeers(of query: Int, among list: LaneList) -> PeerList {
        let hits = (0..<list.count).sorted { left, right in
            distances[left] != distances[right]
                ? distances[left] < distances[right] : list.positions[left] < list.positions[right]
        }
        let peers = hits.map { hit in
            let position = Int(list.positions[hit])
            return PeerList.Peer(
                portfolio: index.order[position],
                clients: index.ordered.clients.start[position] - (position == query ? 1 : 0),
                scaledDistance: distances[hit])
        }
        return PeerList(sorted: peers, k: index.model.k, scale: index.distance.scale)
    }
}
