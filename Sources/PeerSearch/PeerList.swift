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
    /// The peers by rounded distance, ascending.
    public let levels: [Level]

    /// Groups sorted peers by distance, shares the places at the k-th one, and drops what is beyond it.
    ///
    /// - Parameter sorted: The k nearest peers and any others, ascending by scaled distance.
    init(sorted: [Peer], k: Int, scale: Double) {
        var levels: [Level] = []
        levels.reserveCapacity(sorted.count)
        var placesLeft = k
        var start = 0
        while start < sorted.count && placesLeft > 0 {
            let scaledDistance = sorted[start].scaledDistance
            var end = start
            var clients = 0
            while end < sorted.count && sorted[end].scaledDistance == scaledDistance {
                clients += Int(sorted[end].clients)
                end += 1
            }
            let places = min(clients, placesLeft)
            levels.append(
                Level(range: start..<end, distance: scaledDistance / scale, clients: clients, places: places))
            placesLeft -= places
            start = end
        }
        self.levels = levels
        peers = start < sorted.count ? Array(sorted[..<start]) : sorted
    }

    /// How many clients count as peers, each at the k-th distance by its fraction: k, or fewer when fewer exist.
    public var placeCount: Int { levels.reduce(0) { $0 + $1.places } }

    /// The rounded distance of the k-th peer, or of the last one when fewer exist; nothing without peers.
    public var kthDistance: Double? { levels.last?.distance }
}
