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
        var peerCount = 0
        levels = [Level](unsafeUninitializedCapacity: sorted.count) { levels, levelCount in
            var (start, before, clients) = (0, 0, 0)
            var last = Double.nan
            // Where a level ends cannot be foreseen: every peer writes down its level as it is so far.
            for peer in sorted {
                let isNext = peer.scaledDistance != last
                if isNext && before + clients >= k { break }
                start = isNext ? peerCount : start
                before = isNext ? before + clients : before
                clients = (isNext ? 0 : clients) + Int(peer.clients)
                levelCount += isNext ? 1 : 0
                peerCount += 1
                last = peer.scaledDistance
                levels.initializeElement(
                    at: levelCount - 1,
                    to: Level(
                        range: Range(uncheckedBounds: (start, peerCount)), distance: last / scale, clients: clients,
                        places: min(clients, k - before)))
            }
        }
        peers = peerCount < sorted.count ? Array(sorted[..<peerCount]) : sorted
    }

    /// How many clients count as peers, each at the k-th distance by its fraction: k, or fewer when fewer exist.
    public var placeCount: Int { levels.reduce(0) { $0 + $1.places } }

    /// The rounded distance of the k-th peer, or of the last one when fewer exist; nothing without peers.
    public var kthDistance: Double? { levels.last?.distance }
}
