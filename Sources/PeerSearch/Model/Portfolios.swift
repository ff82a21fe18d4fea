/// The distinct encoded portfolios of all clients, each with the clients who have it.
///
/// Two clients have the same portfolio when their encoded vectors are equal bit for bit, those of their attributes
/// included. Everything that depends on the vector alone is then computed once for all of them.
///
/// The order of the portfolios depends on their content alone: ascending by the list of products (lexicographically),
/// then by the values, then by the attributes in the same way. Neither clients' ids nor the order of the source's rows
/// have a part in it. Clients without a holding belong to no portfolio, whatever their attributes.
public struct Portfolios: Sendable {
    /// Products that exist, held or not.
    public let productCount: Int
    /// Where each portfolio's columns begin, and the number of columns at the end: `count + 1` numbers.
    public let offsets: [Int]
    /// The held products, ascending inside a portfolio.
    public let products: [Int32]
    /// The encoded value of each held product: finite, not negative, dimensionless or in the unit of the amounts.
    public let values: [Double]
    /// Where each portfolio's clients begin, and the clients with a portfolio at the end: `count + 1` numbers.
    public let clientOffsets: [Int]
    /// The clients of each portfolio, ascending inside a portfolio.
    public let clients: [Int32]

    /// What distances are measured between: these products, and the attributes of clients where there are any.
    let vectors: PortfolioVectors

    /// The portfolio of every client, -1 for none.
    let portfolioOfClient: [Int32]

    init(
        productCount: Int, offsets: [Int], products: [Int32], values: [Double],
        attributes: AttributeVectors?, clientOffsets: [Int], clients: [Int32], portfolioOfClient: [Int32]
    ) {
        self.productCount = productCount
        self.offsets = offsets
        self.products = products
        self.values = values
        vectors = PortfolioVectors(
            productCount: productCount, offsets: offsets, products: products, values: values, attributes: attributes)
        self.clientOffsets = clientOffsets
        self.clients = clients
        self.portfolioOfClient = portfolioOfClient
    }

    /// The same portfolios with other clients.
    init(_ other: Portfolios, clientOffsets: [Int], clients: [Int32]) {
        productCount = other.productCount
        offsets = other.offsets
        products = other.products
        values = other.values
        vectors = other.vectors
        portfolioOfClient = other.portfolioOfClient
        self.clientOffsets = clientOffsets
        self.clients = clients
    }

    /// Distinct portfolios.
    public var count: Int { offsets.count - 1 }

    /// Clients that exist, with or without a portfolio.
    public var clientCount: Int { portfolioOfClient.count }

    /// Clients with a portfolio.
    public var clientsWithPortfolio: Int { clients.count }

    /// The portfolio of a client, or nothing for a client who holds nothing.
    public func portfolio(ofClient client: Int) -> Int? {
        let portfolio = portfolioOfClient[client]
        return portfolio < 0 ? nil : Int(portfolio)
    }

    /// Whether attributes of clients take part in distances.
    var haveAttributes: Bool { vectors.columnCount > productCount }

    /// Columns of the attributes that take part in distances: one for each category, one for each number.
    package var attributeCount: Int { vectors.attributeWeights.count }

    /// The attributes of a portfolio's clients without their weights, by column: 1 for a category, the quantile of a
    /// number; nothing where nothing is known.
    package func attributes(of portfolio: Int) -> some Sequence<(Int32, Double)> {
        vectors.columns(of: portfolio).lazy.compactMap { [vectors, productCount] place in
            let column = Int(vectors.columns[place]) - productCount
            guard column >= 0 else { return nil }
            return (Int32(column), vectors.values[place] / vectors.attributeWeights[column])
        }
    }

    /// Where a portfolio's columns are in ``products`` and ``values``.
    public func columns(of portfolio: Int) -> Range<Int> {
        offsets[portfolio]..<offsets[portfolio + 1]
    }

    /// The products that a portfolio holds, ascending.
    public func products(of portfolio: Int) -> ArraySlice<Int32> {
        products[columns(of: portfolio)]
    }

    /// The clients who have a portfolio, ascending.
    public func clients(of portfolio: Int) -> ArraySlice<Int32> {
        clients[clientOffsets[portfolio]..<clientOffsets[portfolio + 1]]
    }

    /// How many clients have a portfolio: at least 1, unless only some clients count.
    public func multiplicity(of portfolio: Int) -> Int {
        clientOffsets[portfolio + 1] - clientOffsets[portfolio]
    }
}
