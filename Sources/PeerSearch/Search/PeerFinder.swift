/// Finds the peers of one portfolio after the other; it owns the scratch memory of one worker.
///
/// The result is exact: it is that of measuring every pair in Float64.
public struct PeerFinder {
    private let search: any PortfolioSearch

    /// Creates a finder over an index.
    public init(index: PeerIndex) {
        search =
            switch index.layout {
            case .bits(let bits): BitSearch(index: index, bits: bits)
            case .scores(let scores): ScoreSearch(index: scores)
            }
    }

    /// Finds the k nearest peers of a portfolio, and everybody at exactly the k-th distance.
    ///
    /// A portfolio is a peer if it shares at least `min_overlap` products with the query and, where peers must be
    /// informative, holds a product that the query lacks. The query's own portfolio has one client less, if it has any.
    ///
    /// Fastest when queries come in the order of ``PeerIndex/order``.
    ///
    /// - Parameter query: A distinct portfolio.
    /// - Returns: The peers, nearest first; empty when there are none. All of them when fewer than k exist.
    /// - Throws: `CancellationError` within a few milliseconds of a cancellation.
    /// - Complexity: O(n x products of the query) in the worst case, divided by the lanes of the kernel.
    public mutating func peers(of query: Int) throws -> PeerList {
        try Task.checkCancellation()
        return try search.peers(of: query)
    }
}

/// A way to find peers; it owns the scratch memory of one worker.
protocol PortfolioSearch: AnyObject {
    /// Finds the k nearest peers of a distinct portfolio, and everybody at exactly the k-th distance.
    func peers(of query: Int) throws -> PeerList
}
