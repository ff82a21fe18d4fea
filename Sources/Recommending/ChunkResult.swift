/// The recommendations for the clients of a chunk of portfolios.
struct ChunkResult: Sendable {
    /// Outcomes and rows; the ranges of rows are positions in ``rows``.
    var selections: [Recommendations.Selection] = []
    /// The rows of all selections.
    var rows: [Recommendation] = []
    /// The selection of each client, in the order in which the clients were served.
    var selectionOfClient: [Int32] = []
    /// Time spent looking for peers.
    var searchTime = Duration.zero
    /// Time spent counting votes and choosing products.
    var scoreTime = Duration.zero
}
