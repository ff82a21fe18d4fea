import PeerSearch

/// Puts the results of chunks together, in whatever order they come: what a client gets does not depend on it.
struct RecommendationCollector {
    private let portfolios: Portfolios
    private var selections: [Recommendations.Selection] = []
    private var rows: [Recommendation] = []
    private var parts: [SignalParts] = []
    private var selectionOfClient: [Int32]
    private var searchTime = Duration.zero
    private var scoreTime = Duration.zero

    init(portfolios: Portfolios) {
        self.portfolios = portfolios
        selectionOfClient = [Int32](repeating: 0, count: portfolios.clientCount)
    }

    /// Adds the result of a chunk.
    mutating func add(_ result: ChunkResult) {
        searchTime += result.searchTime
        scoreTime += result.scoreTime
        let firstSelection = Int32(selections.count)
        let firstRow = rows.count
        for (client, selection) in zip(result.clients, result.selectionOfClient) {
            selectionOfClient[Int(client)] = firstSelection + selection
        }
        for selection in result.selections {
            let range = (selection.rows.lowerBound + firstRow)..<(selection.rows.upperBound + firstRow)
            selections.append(.init(outcome: selection.outcome, rows: range))
        }
        rows.append(contentsOf: result.rows)
        parts.append(contentsOf: result.parts)
    }

    /// Adds the clients without a portfolio, for whom there was nothing to search.
    consuming func finish(selector: RowSelector) -> Recommendations {
        var withoutPortfolio = ChunkResult()
        var clients: [Int32] = []
        for client in 0..<portfolios.clientCount where portfolios.portfolio(ofClient: client) == nil {
            clients.append(Int32(client))
        }
        selector.serve(clients: clients[...], held: [], peers: nil, candidates: [], into: &withoutPortfolio)
        add(withoutPortfolio)
        return Recommendations(
            selections: selections, rows: rows, parts: parts, selectionOfClient: selectionOfClient,
            searchTime: searchTime, scoreTime: scoreTime
        )
    }
}
