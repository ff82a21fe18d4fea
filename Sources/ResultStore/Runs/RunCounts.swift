public import Holdings

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
    public init(_ holdings: ClientHoldings) {
        self.init(
            clients: holdings.clientCount,
            clientsWithPortfolio: (0..<holdings.clientCount).count { !holdings.pairs(ofClient: $0).isEmpty },
            products: holdings.productCount, holdings: holdings.pairCount)
    }
}
