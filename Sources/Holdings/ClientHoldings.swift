/// Who holds what: the held (client, product) pairs of a warehouse with their summed amounts.
///
/// Clients and products are dense indexes in the order of the warehouse's ids. The pairs are stored client by client:
/// those of client `c` are at `offsets[c]..<offsets[c + 1]`, ascending by product. A client without a portfolio has an
/// empty range.
public struct ClientHoldings: Sendable, Hashable {
    /// Products that exist, held or not.
    public let productCount: Int
    /// Where each client's pairs begin, and the number of pairs at the end: `clientCount + 1` numbers.
    public let offsets: [Int]
    /// The held product of each pair, 0..<productCount.
    public let products: [Int32]
    /// The summed amount of each pair, finite and greater than 0.
    public let amounts: [Double]

    /// Creates holdings from their stored form.
    ///
    /// - Precondition: `offsets` begins with 0, does not descend and ends with the number of pairs; products ascend
    ///   inside a client and are below `productCount`; amounts are finite and greater than 0.
    /// - Complexity: O(pairs), for the checks.
    public init(productCount: Int, offsets: [Int], products: [Int32], amounts: [Double]) {
        precondition(offsets.first == 0 && offsets.last == products.count, "offsets do not span the pairs")
        precondition(products.count == amounts.count, "every pair has a product and an amount")
        precondition(offsets.count - 1 <= Int(Int32.max), "more clients than Int32 can count")
        for client in 0..<(offsets.count - 1) {
            precondition(offsets[client] <= offsets[client + 1], "offsets descend")
            var previous: Int32 = -1
            for pair in offsets[client]..<offsets[client + 1] {
                precondition(products[pair] > previous, "products do not ascend inside a client")
                precondition(amounts[pair] > 0 && amounts[pair].isFinite, "a held amount is finite and above 0")
                previous = products[pair]
            }
            precondition(Int(previous) < productCount, "a product is out of range")
        }
        self.productCount = productCount
        self.offsets = offsets
        self.products = products
        self.amounts = amounts
    }

    /// Clients that exist, with or without a portfolio.
    public var clientCount: Int { offsets.count - 1 }

    /// Held (client, product) pairs.
    public var pairCount: Int { products.count }

    /// Where the pairs of a client are.
    ///
    /// - Parameter client: A client's index.
    /// - Returns: A range of positions in ``products`` and ``amounts``, empty for a client without a portfolio.
    public func pairs(ofClient client: Int) -> Range<Int> {
        offsets[client]..<offsets[client + 1]
    }
}
