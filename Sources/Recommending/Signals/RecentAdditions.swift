package import Holdings

/// What clients have lately added to their portfolios.
///
/// A product that nobody held before is new to everybody. That many have added it says that it was launched, not that it
/// is wanted more than others, so such additions do not count, and recency has nothing to say about the product.
public struct RecentAdditions: Sendable {
    /// What each client has added, of the products that somebody held before.
    package let additions: GroupedLists<Int32>
    /// Whether nobody held a product before, while somebody does now.
    package let isLaunched: [Bool]

    /// Collects additions.
    ///
    /// - Parameters:
    ///   - added: Clients and the products that they hold and did not hold before.
    ///   - wasHeld: Whether anybody held a product before.
    ///   - holdings: Who holds what now.
    /// - Returns: Nothing when nobody has added anything that counts: then nothing is known.
    package init?(_ added: [ClientProduct], wasHeld: [Bool], holdings: ClientHoldings) {
        let counted = added.filter { wasHeld[Int($0.product)] }
        guard !counted.isEmpty else { return nil }
        additions = GroupedLists(counted, clientCount: holdings.clientCount)
        var isLaunched = [Bool](repeating: false, count: holdings.productCount)
        for product in holdings.products where !wasHeld[Int(product)] { isLaunched[Int(product)] = true }
        self.isLaunched = isLaunched
    }
}
