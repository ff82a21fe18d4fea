/// Collects the nearest peers of one query without keeping all of them.
///
/// When the buffer is full, the k-th smallest distance among its clients becomes the threshold and everything beyond is
/// dropped. Peers at exactly the threshold are never dropped, however many they are.
struct PeerBuffer {
    /// No peer beyond this scaled distance is among the k nearest.
    private(set) var threshold = Double.infinity

    private let k: Int
    /// Peers that are gathered before the first selection.
    ///
    /// A small buffer lets the threshold fall early, which saves
    /// measuring; too small a one is selected from again and again.
    private let initialCapacity: Int
    private var capacity: Int
    private var entries: [PeerList.Peer] = []

    init(k: Int) {
        self.k = k
        initialCapacity = 2 * min(max(64, k), 2048)
        capacity = initialCapacity
        entries.reserveCapacity(initialCapacity)
    }

    /// Forgets everything, for the next query.
    mutating func reset() {
        threshold = .infinity
        capacity = initialCapacity
        entries.removeAll(keepingCapacity: true)
    }

    /// Adds a peer unless it is beyond the threshold.
    ///
    /// - Returns: Whether the threshold fell.
    mutating func insert(_ peer: PeerList.Peer) -> Bool {
        guard peer.scaledDistance <= threshold else { return false }
        entries.append(peer)
        guard entries.count >= capacity else { return false }
        let before = threshold
        dropBeyondKth()
        // When ties or a large k fill the buffer, it grows, so that the selections stay linear altogether.
        capacity = max(capacity, 2 * entries.count)
        return threshold < before
    }

    /// The k nearest and their ties, ascending by distance, then by portfolio.
    mutating func sortedPeers() -> [PeerList.Peer] {
        dropBeyondKth()
        entries.sort { left, right in
            left.scaledDistance != right.scaledDistance
                ? left.scaledDistance < right.scaledDistance : left.portfolio < right.portfolio
        }
        return entries
    }

    /// Finds the k-th smallest distance, counting clients, and drops what is beyond it.
    private mutating func dropBeyondKth() {
        guard let split = entries.withUnsafeMutableBufferPointer({ Self.partition($0, k: k) }) else { return }
        threshold = split.kth
        entries.removeSubrange(split.count...)
    }

    /// Moves the peers up to the k-th distance to the front.
    ///
    /// Quickselect with a three-way partition (Hoare's FIND; Dijkstra's flag for the many ties), which counts clients
    /// instead of positions.
    ///
    /// - Returns: The k-th distance and the number of peers up to it; nothing with fewer than k clients.
    private static func partition(
        _ entries: UnsafeMutableBufferPointer<PeerList.Peer>, k: Int
    ) -> (kth: Double, count: Int)? {
        var low = 0
        var high = entries.count
        var wanted = k
        while low < high {
            let pivot = median(
                entries[low].scaledDistance, entries[(low + high) / 2].scaledDistance,
                entries[high - 1].scaledDistance)
            var less = low
            var index = low
            var greater = high
            var weightLess = 0
            var weightEqual = 0
            while index < greater {
                let entry = entries[index]
                if entry.scaledDistance < pivot {
                    weightLess += Int(entry.clients)
                    entries.swapAt(less, index)
                    less += 1
                    index += 1
                } else if entry.scaledDistance > pivot {
                    greater -= 1
                    entries.swapAt(index, greater)
                } else {
                    weightEqual += Int(entry.clients)
                    index += 1
                }
            }
            if wanted <= weightLess {
                high = less
            } else if wanted <= weightLess + weightEqual {
                return (pivot, greater)
            } else {
                wanted -= weightLess + weightEqual
                low = greater
            }
        }
        return nil
    }

    private static func median(_ first: Double, _ second: Double, _ third: Double) -> Double {
        max(min(first, second), min(max(first, second), third))
    }
}
