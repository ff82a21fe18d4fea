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
    /// In 32 bits, so that the reason does not make a row longer.
    private let peerCount: Int32
    /// Why the product is recommended.
    public let reason: ReasonCode
    /// Peers who hold it, those at the k-th distance by their fraction; 0 for `POPULAR`.
    public let peersHolding: Double

    /// Peers who were asked; 0 for `POPULAR`.
    public var peers: Int { Int(peerCount) }

    init(product: Int32, rank: Int32, score: Double, peers: Int, peersHolding: Double, reason: ReasonCode) {
        self.product = product
        self.rank = rank
        self.score = score
        peerCount = Int32(peers)
        self.peersHolding = peersHolding
        self.reason = reason
    }
}

/// What the search found for a client.
public struct ClientOutcome: Sendable, Hashable {
    /// What became of the client.
    public let status: ClientStatus
    /// Products held.
    public let portfolioSize: Int
    /// Peers, at most k; 0 without a portfolio and for excluded clients, who are not searched for.
    public let peers: Int
    /// The rounded distance of the k-th peer, or of the last when fewer exist; nothing without peers.
    public let kthDistance: Double?
}

/// The recommendations of all clients.
///
/// Clients with the same portfolio whom policy offers the same share their rows in memory: 32 bytes per row, and 64 for
/// the parts of a hybrid score.
public struct Recommendations: Sendable {
    /// An outcome, with its rows, that some clients share.
    struct Selection: Sendable {
        var outcome: ClientOutcome
        var rows: Range<Int>
    }

    /// Rows of all clients together.
    public let rowCount: Int
    /// Time spent looking for peers, summed over the workers.
    public let searchTime: Duration
    /// Time spent counting votes and choosing products, summed over the workers.
    public let scoreTime: Duration

    private let selections: [Selection]
    private let rows: [Recommendation]
    /// The parts of each row's score; empty without a hybrid model.
    private let parts: [SignalParts]
    private let selectionOfClient: [Int32]

    init(
        selections: [Selection], rows: [Recommendation], parts: [SignalParts], selectionOfClient: [Int32],
        searchTime: Duration, scoreTime: Duration
    ) {
        self.selections = selections
        self.rows = rows
        self.parts = parts
        self.selectionOfClient = selectionOfClient
        self.searchTime = searchTime
        self.scoreTime = scoreTime
        rowCount = selectionOfClient.reduce(0) { $0 + selections[Int($1)].rows.count }
    }

    /// Clients that exist.
    public var clientCount: Int { selectionOfClient.count }

    /// What the search found for a client.
    public func outcome(ofClient client: Int) -> ClientOutcome {
        selections[Int(selectionOfClient[client])].outcome
    }

    /// A client's recommendations, best first; empty when nothing may be offered.
    public func rows(ofClient client: Int) -> ArraySlice<Recommendation> {
        rows[selections[Int(selectionOfClient[client])].rows]
    }

    /// The parts of the scores of a client's recommendations, in the order of ``rows(ofClient:)``; empty without a hybrid
    /// model.
    public func parts(ofClient client: Int) -> ArraySlice<SignalParts> {
        parts.isEmpty ? [] : parts[selections[Int(selectionOfClient[client])].rows]
    }

    /// How many clients have a status.
    public func clientCount(with status: ClientStatus) -> Int {
        selectionOfClient.reduce(0) { $0 + (selections[Int($1)].outcome.status == status ? 1 : 0) }
    }
}
