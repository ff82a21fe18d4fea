/// Searches by scores: Float32 discards what is certainly too far away, see ``ScoreFilter``; of the few that are left,
/// those that it does not decide are measured in Float64.
final class ScoreSearch: PortfolioSearch {
    private let index: ScoreIndex
    private let search: any HitSearch
    private var measure: HitMeasure

    init(index: ScoreIndex) {
        self.index = index
        measure = HitMeasure(index: index)
        search =
            switch index.layout {
            case .lanes(let lanes): LaneSearch(index: index, lanes: lanes)
            case .batchedLanes(let lanes): BatchSearch(index: index, lanes: lanes)
            case .lists(let lists): ListSearch(index: index, lists: lists)
            }
    }

    func peers(of query: Int) throws -> PeerList {
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
