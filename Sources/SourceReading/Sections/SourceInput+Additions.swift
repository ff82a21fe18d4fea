import Holdings
package import Recommending

extension SourceInput {
    /// What clients hold here and did not hold in earlier input.
    ///
    /// Ids are compared as bytes; each input has indexes of its own.
    ///
    /// - Parameter earlier: Input of the same sources as of an earlier day.
    /// - Returns: Pairs in the indexes of this input, each with its client and product in those of the earlier one, -1
    ///   where it does not know them.
    /// - Complexity: O(held pairs of both).
    package func additions(
        since earlier: SourceInput
    ) -> [(client: Int32, product: Int32, earlierClient: Int32, earlierProduct: Int32)] {
        let earlierProducts = (0..<Int32(roster.products.count)).map { product in
            roster.products.withBytes(at: product) { earlier.roster.products.index(of: $0) } ?? -1
        }
        var additions: [(client: Int32, product: Int32, earlierClient: Int32, earlierProduct: Int32)] = []
        for client in 0..<roster.clients.count {
            let earlierClient =
                roster.clients.withBytes(at: Int32(client)) { earlier.roster.clients.index(of: $0) } ?? -1
            let held =
                earlierClient < 0
                ? [] : earlier.holdings.products[earlier.holdings.pairs(ofClient: Int(earlierClient))]
            for product in holdings.products[holdings.pairs(ofClient: client)] {
                let earlierProduct = earlierProducts[Int(product)]
                if earlierProduct >= 0, held.contains(earlierProduct) { continue }
                additions.append((Int32(client), product, earlierClient, earlierProduct))
            }
        }
        return additions
    }

    /// What clients have added since earlier input, as the hybrid model wants it.
    ///
    /// - Returns: Nothing when nobody has added anything that somebody held before.
    package func recentAdditions(since earlier: SourceInput) -> RecentAdditions? {
        var isHeldEarlier = [Bool](repeating: false, count: earlier.roster.products.count)
        for product in earlier.holdings.products { isHeldEarlier[Int(product)] = true }
        let wasHeld = (0..<Int32(roster.products.count)).map { product in
            roster.products.withBytes(at: product) { earlier.roster.products.index(of: $0) }.map {
                isHeldEarlier[Int($0)]
            } ?? false
        }
        let added = additions(since: earlier).map { ClientProduct(client: $0.client, product: $0.product) }
        return RecentAdditions(added, wasHeld: wasHeld, holdings: holdings)
    }
}
