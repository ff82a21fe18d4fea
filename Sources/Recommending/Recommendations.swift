/// What became of a client.
public enum ClientStatus: String, Sendable, Hashable, CaseIterable {
    /// The client's peers recommend something.
    case scored
    /// The client has a portfolio, but no peers, or none of their products may be offered: popular products instead.
    case fallback
    /// The client holds nothing: popular products.
    case noPortfolio = "no_portfolio"
    /// Policy excludes the client: nothing.
    case excluded
}

/// A product recommended to a client.
public struct Recommendation: Sendable, Hashable {
    /// The product's index.
    public let product: Int32
    /// The place in the client's list, from 1.
    public let rank: Int32
    /// For `PEERS` the weighted share of the peers who hold it, for `COMPONENTS` that of its parts, for `POPULAR` its base
    /// rate; above 0 and at most 1.
    public let score: Double
    /// Peers who were asked; 0 for `POPULAR`.
    public let peers: Int
    /// Peers who hold it, those at the k-th distance by their fraction; 0 for `POPULAR`.
    public let peersHolding: Double
    /// Why the product is recommended.
    public let reason: ReasonCode
}

/// What the search found for a client.
public struct ClientOutcome: Sendable, Hashable {
    // Narrow, since there may be one for every client.
    private let lastDistance: Double
    private let productsHeld: Int32
    private let peerCount: Int32
    /// What became of the client.
    public let status: ClientStatus

    /// Products held.
    public var portfolioSize: Int { Int(productsHeld) }
    /// Peers, at most k; 0 without a portfolio and for excluded clients, who are not searched for.
    public var peers: Int { Int(peerCount) }
    /// The rounded distance of the k-th peer, or of the last when fewer exist; nil without peers.
    public var kthDistance: Double? { lastDistance < 0 ? nil : lastDistance }

    init(status: ClientStatus, portfolioSize: Int, peers: Int = 0, kthDistance: Double? = nil) {
        self.status = status
        productsHeld = Int32(portfolioSize)
        peerCount = Int32(peers)
        // Distances are not negative.
        lastDistance = kthDistance ?? -1
    }
}

/// The recommendations of all clients: one list for all whom the same is offered.
public struct Recommendations: Sendable {
    /// Rows of all clients together.
    public let rowCount: Int

    private let audiences: Audiences
    private let results: ListResults
    /// The signals whose scores are parts of a hybrid model's; empty without one.
    private let signals: [Signal]

    init(_ results: ListResults, audiences: Audiences, signals: [Signal]) {
        self.results = results
        self.audiences = audiences
        self.signals = signals
        rowCount = zip(results.lists, audiences.clientCounts).reduce(0) { $0 + Int($1.0.rowCount) * Int($1.1) }
    }

    /// Time spent looking for peers, summed over the workers.
    public var searchTime: Duration { results.searchTime }
    /// Time spent counting votes and choosing products, summed over the workers.
    public var scoreTime: Duration { results.scoreTime }

    // MARK: Lists

    /// Lists that there are.
    public var listCount: Int { audiences.count }

    /// What the search found for the clients of a list.
    public func outcome(ofList list: Int) -> ClientOutcome { results.lists[list].outcome }

    /// How many clients get a list: at least 1.
    public func clientCount(ofList list: Int) -> Int { Int(audiences.clientCounts[list]) }

    /// The number of the group of lists with the same candidates and scores, which policy has made different ones of.
    public func group(ofList list: Int) -> Int { Int(audiences.groupOfList[list]) }

    /// The recommendations of a list, best first; empty when nothing may be offered.
    public func rows(ofList list: Int) -> some RandomAccessCollection<Recommendation> {
        results.recommendations(ofList: list)
    }

    /// Whether scores have parts: those of a hybrid model.
    public var haveSignalScores: Bool { !signals.isEmpty }

    /// What a signal says of a recommendation, 0...1; nil where nothing is known, and without a hybrid model.
    ///
    /// - Parameter rank: The recommendation's place in the list, from 1.
    public func score(by signal: Signal, ofList list: Int, rank: Int32) -> Float? {
        guard let place = signals.firstIndex(of: signal) else { return nil }
        let score = results.parts[(results.lists[list].firstRow + Int(rank) - 1) * signals.count + place]
        return score.isNaN ? nil : score
    }

    /// To how many clients each product is suggested.
    func suggestionCounts(productCount: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: productCount)
        for (list, clients) in zip(results.lists, audiences.clientCounts) {
            for row in results.rows[list.rows] { counts[Int(row.product)] += Int(clients) }
        }
        return counts
    }

    // MARK: Clients

    /// Clients that exist.
    public var clientCount: Int { audiences.listOfClient.count }

    /// The number of a client's list.
    public func list(ofClient client: Int) -> Int { Int(audiences.listOfClient[client]) }

    /// What the search found for a client.
    public func outcome(ofClient client: Int) -> ClientOutcome { outcome(ofList: list(ofClient: client)) }

    /// A client's recommendations, best first; empty when nothing may be offered.
    public func rows(ofClient client: Int) -> [Recommendation] { Array(rows(ofList: list(ofClient: client))) }

    /// How many clients have a status.
    public func clientCount(with status: ClientStatus) -> Int {
        zip(results.lists, audiences.clientCounts).reduce(0) { $0 + ($1.0.outcome.status == status ? Int($1.1) : 0) }
    }
}
