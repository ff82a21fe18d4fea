public import PeerSearch

/// How many clients hold each product.
public struct ProductPopularity: Sendable, Hashable {
    /// Clients who hold each product.
    public let holders: [Int]
    /// Clients with a portfolio.
    public let clientsWithPortfolio: Int
    /// The products that somebody holds: most holders first, then ascending by index.
    public let ranking: [Int32]

    /// Counts the holders of every product.
    public init(of portfolios: Portfolios) {
        var holders = [Int](repeating: 0, count: portfolios.productCount)
        for portfolio in 0..<portfolios.count {
            for product in portfolios.products(of: portfolio) {
                holders[Int(product)] += portfolios.multiplicity(of: portfolio)
            }
        }
        self.holders = holders
        clientsWithPortfolio = portfolios.clientsWithPortfolio
        ranking = holders.indices.filter { holders[$0] > 0 }
            .sorted { (holders[$1], $0) < (holders[$0], $1) }
            .map { Int32($0) }
    }

    /// Whether a candidate comes before another: by score descending, then by holders descending, which is the order of
    /// base rates, then by product ascending.
    func ranksBefore(_ left: Candidate, _ right: Candidate) -> Bool {
        if left.score != right.score { return left.score > right.score }
        let leftHolders = holders[Int(left.product)]
        let rightHolders = holders[Int(right.product)]
        return leftHolders != rightHolders ? leftHolders > rightHolders : left.product < right.product
    }

    /// The share of the clients with a portfolio who hold a product, 0...1; 0 when nobody has a portfolio.
    public func baseRate(of product: Int32) -> Double {
        clientsWithPortfolio == 0 ? 0 : Double(holders[Int(product)]) / Double(clientsWithPortfolio)
    }
}
