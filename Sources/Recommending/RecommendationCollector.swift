import PeerSearch

/// Puts the results of chunks together, in the order of the chunks, whatever the order in which they come.
struct RecommendationCollector {
    private let portfolios: Portfolios
    private var selections: [Recommendations.Selection] = []
    private var rows: [Recommendation] = []
    private var selectionOfClient: [Int32]
    private var searchTime = Duration.zero
    private var scoreTime = Duration.zero

    /// Chunks that came before their turn.
    private var waiting: [Int: ChunkResult] = [:]
    private var nextNumber = 0
    /// Clients, in the order of ``Portfolios/clients``, whose results are in place.
    private var clientsDone = 0

    init(portfolios: Portfolios) {
        self.portfolios = portfolios
        selectionOfClient = [Int32](repeating: 0, count: portfolios.clientCount)
    }

    /// Adds the result of a chunk.
    mutating func add(_ result: ChunkResult, number: Int) {
        waiting[number] = result
        while let next = waiting.removeValue(forKey: nextNumber) {
            append(next)
            nextNumber += 1
        }
    }

    /// Adds the clients without a portfolio, for whom there was nothing to search.
    consuming func finish(selector: RowSelector) -> Recommendations {
        var withoutPortfolio = ChunkResult()
        var clients: [Int32] = []
        for client in 0..<portfolios.clientCount where portfolios.portfolio(ofClient: client) == nil {
            clients.append(Int32(client))
        }
        selector.serve(clients: clients[...], held: [], peers: nil, candidates: [], into: &withoutPortfolio)
        place(withoutPortfolio, clients: clients[...])
        return Recommendations(
            selections: selections, rows: rows, selectionOfClient: selectionOfClient,
            searchTime: searchTime, scoreTime: scoreTime
        )
    }

    private mutating func append(_ result: ChunkResult) {
        let end = clientsDone + result.selectionOfClient.count
        place(result, clients: portfolios.clients[clientsDone..<end])
        clientsDone = end
        searchTime += result.searchTime
        scoreTime += result.scoreTime
    }

    /// Appends a chunk's selections and points its clients to them.
    private mutating func place(_ result: ChunkResult, clients: ArraySlice<Int32>) {
        let firstSelection = Int32(selections.count)
        let firstRow = rows.count
        for (client, selection) in zip(clients, result.selectionOfClient) {
            selectionOfClient[Int(client)] = firstSelection + selection
        }
        for selection in result.selections {
            let range = (selection.rows.lowerBound + firstRow)..<(selection.rows.upperBound + firstRow)
            selections.append(.init(outcome: selection.outcome, rows: range))
        }
        rows.append(contentsOf: result.rows)
    }
}
