import DistanceKernels

/// Finds the peers of one portfolio after the other; it owns the scratch memory of one worker.
///
/// The portfolios of a block are first filtered by their overlap with the query, which is cheap, and the few that may
/// be near enough are measured. The result is exact: it is that of measuring every pair.
public struct PeerFinder {
    private let index: PeerIndex
    private var overlaps = BlockOverlaps()
    private var buffer: PeerBuffer

    /// Creates a finder over an index.
    public init(index: PeerIndex) {
        self.index = index
        buffer = PeerBuffer(k: index.model.k)
    }

    /// Finds the k nearest peers of a portfolio, and everybody at exactly the k-th distance.
    ///
    /// A portfolio is a peer if it shares at least `min_overlap` products with the query and, where peers must be
    /// informative, holds a product that the query lacks. The query's own portfolio has one client less.
    ///
    /// - Parameter query: A distinct portfolio.
    /// - Returns: The peers, nearest first; empty when there are none. All of them when fewer than k exist.
    /// - Throws: `CancellationError` within one block's work of a cancellation.
    /// - Complexity: O(holders of the query's products + portfolios), and the measuring of those that pass the filter.
    public mutating func peers(of query: Int) throws -> PeerList {
        buffer.reset()
        // Neighbors in the order of portfolios are similar: starting there lowers the threshold early.
        let ownBlock = query / BaselineKernels.blockCapacity
        for step in 0..<index.blockCount {
            try Task.checkCancellation()
            let block = (ownBlock + step) % index.blockCount
            if index.model.minOverlap == 0 || index.shares(query: query, withBlock: block) {
                search(block: block, query: query)
            }
        }
        return PeerList(sorted: buffer.sortedPeers(), k: index.model.k, scale: index.distance.scale)
    }

    private mutating func search(block: Int, query: Int) {
        overlaps.accumulate(query: query, block: block, in: index)
        var floor = index.filter.floor(of: query, threshold: buffer.threshold)
        let start = index.portfolios(ofBlock: block).lowerBound
        for slot in 0..<overlaps.select(block: block, floor: floor, in: index) {
            let position = Int(overlaps.selection[slot])
            let overlap = overlaps.overlaps[position]
            let portfolio = start + position
            // The threshold may have fallen since the selection.
            guard index.filter.scaledOverlap(overlap, of: portfolio) >= floor else { continue }
            let clients = index.portfolios.multiplicity(of: portfolio) - (portfolio == query ? 1 : 0)
            guard clients > 0 else { continue }
            let peer = PeerList.Peer(
                portfolio: Int32(portfolio),
                clients: Int32(clients),
                scaledDistance: index.distance.scaled(from: query, to: portfolio, overlap: overlap)
            )
            if buffer.insert(peer) {
                floor = index.filter.floor(of: query, threshold: buffer.threshold)
            }
        }
    }
}
