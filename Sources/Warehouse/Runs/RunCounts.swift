import PeerSearch

/// What a run has read.
public struct RunCounts: Sendable, Hashable {
    /// Clients known: with holdings or in the clients relation.
    public var clients: Int
    /// Clients that hold at least one product.
    public var clientsWithPortfolio: Int
    /// Products known: in the holdings or in the products relation.
    public var products: Int
    /// Pairs of client and product that are held.
    public var holdings: Int

    /// Creates counts.
    public init(clients: Int, clientsWithPortfolio: Int, products: Int, holdings: Int) {
        self.clients = clients
        self.clientsWithPortfolio = clientsWithPortfolio
        self.products = products
        self.holdings = holdings
    }

    /// The counts of what was read.
    public init(_ input: SourceInput) {
        let clients = input.clients.count
        self.init(
            clients: clients,
            clientsWithPortfolio: (0..<clients).count { !input.holdings.pairs(ofClient: $0).isEmpty },
            products: input.products.count, holdings: input.holdings.pairCount)
    }
}
