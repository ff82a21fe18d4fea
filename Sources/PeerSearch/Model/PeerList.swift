/// The peers of one portfolio: the k nearest of its eligible clients, and everybody at exactly the k-th distance.
public struct PeerList: Sendable, Hashable {
    /// A portfolio among the peers, with the clients who have it.
    public struct Peer: Sendable, Hashable {
        /// The distinct portfolio.
        public let portfolio: Int32
        /// Clients who have it and count as peers, at least 1.
        ///
        /// In the client's own portfolio, when it counts at all,
        /// this is one less than its multiplicity.
        public let clients: Int32
        /// The distance multiplied by 10^decimals and rounded to an integer.
        public let scaledDistance: Double
    }

    /// The peers at one rounded distance.
    public struct Level: Sendable, Hashable {
        /// Where these peers are in ``PeerList/peers``.
        public let range: Range<Int>
        /// Their rounded distance.
        public let distance: Double
        /// Clients at this distance.
        public let clients: Int
        /// Places among the k that these clients share equally: as many as there are clients, or fewer at the k-th
        /// distance.
        public let places: Int

        /// What each client at this distance counts, above 0 and at most 1.
        public var fraction: Double { Double(places) / Double(clients) }

        /// The part of the places that falls to some of the clients: `fraction` times their number, rounded once.
        ///
        /// - Parameter holders: A number of clients at this distance, 0...clients.
        /// - Returns: `holders` itself where everybody has a place, exactly ``places`` for all clients.
        public func mass(ofClients holders: Int) -> Double {
            places == clients ? Double(holders) : Double(places * holders) / Double(clients)
        }
    }

    /// The peers, ascending by distance.
    public let peers: [Peer]
    /// How many clients count as peers, each at the k-th distance by its fraction: k, or fewer when fewer exist.
    public let placeCount: Int

    /// Where the last level begins in ``peers``.
    let lastLevelStart: Int
    /// The clients of the last level; 0 without peers.
    let lastLevelClients: Int
    /// 10^decimals.
    let scale: Double

    /// Shares the places at the k-th distance, and drops what is beyond it.
    ///
    /// - Parameters:
    ///   - sorted: The k nearest peers and any others, ascending by scaled distance.
    ///   - k: Peers that are wanted, at least 1.
    ///   - scale: 10^decimals.
    init(sorted: [Peer], k: Int, scale: Double) {
        var (start, end, clients, lastClients) = (0, 0, 0, 0)
        while end < sorted.count && clients < k {
            clients += Int(sorted[end].clients)
            end += 1
        }
        if end > 0 {
            let last = sorted[end - 1].scaledDistance
            start = end
            while end < sorted.count && sorted[end].scaledDistance == last {
                lastClients += Int(sorted[end].clients)
                end += 1
            }
            clients += lastClients
            while start > 0 && sorted[start - 1].scaledDistance == last {
                start -= 1
                lastClients += Int(sorted[start].clients)
            }
        }
        peers = end < sorted.count ? Array(sorted[..<end]) : sorted
        placeCount = min(k, clients)
        lastLevelStart = start
        lastLevelClients = lastClients
        self.scale = scale
    }

    /// The places that the last level shares: as many as it has clients, or fewer at the k-th distance.
    var lastLevelPlaces: Int {
        lastLevelStart == 0 ? placeCount : min(lastLevelClients, placeCount - clients(of: 0..<lastLevelStart))
    }

    /// The peers by rounded distance, ascending.
    ///
    /// - Complexity: O(peers); they are found anew every time.
    public var levels: [Level] {
        var levels: [Level] = []
        var (start, placesLeft) = (0, placeCount)
        while start < peers.count {
            var end = start
            while end < peers.count && peers[end].scaledDistance == peers[start].scaledDistance { end += 1 }
            let clients = clients(of: start..<end)
            levels.append(
                Level(
                    range: start..<end, distance: peers[start].scaledDistance / scale, clients: clients,
                    places: min(clients, placesLeft)))
            placesLeft -= clients
            start = end
        }
        return levels
    }

    private func clients(of range: Range<Int>) -> Int { peers[range].reduce(0) { $0 + Int($1.clients) } }

    /// The rounded distance of the k-th peer, or of the last one when fewer exist; nothing without peers.
    public var kthDistance: Double? { peers.last.map { $0.scaledDistance / scale } }
}
