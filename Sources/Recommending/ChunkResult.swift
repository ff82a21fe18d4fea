/// The recommendations for the clients of a chunk of portfolios.
struct ChunkResult: Sendable {
    /// Outcomes and rows; the ranges of rows are positions in ``rows``.
    var selections: [Recommendations.Selection] = []
    /// The rows of all selections.
    var rows: [Recommendation] = []
    /// The parts of each row's score; empty without a hybrid model.
    var parts: [SignalParts] = []
    /// The clients, in the order in which they were served.
    var clients: [Int32] = []
    /// The selection of each of these clients.
    var selectionOfClient: [Int32] = []
    /// Time spent looking for peers.
    var searchTime = Duration.zero
    /// Time spent counting votes and choosing products.
    var scoreTime = Duration.zero
}
