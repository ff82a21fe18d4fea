/// Finds the peers of one portfolio after the other; it owns the scratch memory of one worker.
///
/// Float32 scores discard what is certainly too far away, see ``ScoreFilter``; the few that are left are measured in
/// Float64. The result is exact: it is that of measuring every pair.
public struct PeerFinder {
    private let index: PeerIndex
    private let search: any HitSearch
    private var measure: HitMeasure

    /// Creates a finder over an index.
    public init(index: PeerIndex) {
        self.index = index
        measure = HitMeasure(index: index)
        search =
            switch index.layout {
            case .lanes(let lanes): LaneSearch(index: index, lanes: lanes)
            case .countedLanes(let lanes): LaneSearch(index: index, lanes: lanes, isCounted: true)
            case .batchedLanes(let lanes, let sample): BatchSearch(index: index, lanes: lanes, sample: sample)
            case .lists(let lists): ListSearch(index: index, lists: lists)
            }
    }

    /// Finds the k nearest peers of a portfolio, and everybody at exactly the k-th distance.
    ///
    /// A portfolio is a peer if it shares at least `min_overlap` products with the query and, where peers must be
    /// informative, holds a product that the query lacks. The query's own portfolio has one client less.
    ///
    /// Fastest when queries come in the order of ``PeerIndex/order``.
    ///
    /// - Parameter query: A distinct portfolio.
    /// - Returns: The peers, nearest first; empty when there are none. All of them when fewer than k exist.
    /// - Throws: `CancellationError` within a few milliseconds of a cancellation.
    /// - Complexity: O(n x products of the query) in the worst case, divided by the lanes of the kernel.
    public mutating func peers(of query: Int) throws -> PeerList {
        try Task.checkCancellation()
        let position = Int(index.positions[query])
        return measure.peers(of: position, among: try search.hits(of: position))
    }
}

/// A way to find the portfolios that may be peers.
protocol HitSearch: AnyObject {
    /// Finds every portfolio that may be among the k nearest peers of a query, and few others.
    ///
    /// - Parameter position: The query's place in the search order.
    /// - Returns: Portfolios that qualify as peers, in memory that is valid until the next call.
    func hits(of position: Int) throws -> Hits
}
