import Holdings
package import PeerSearch

/// How many clients hold two products at once, for the products that most clients hold.
///
/// A matrix of products by products is as large as the square of their number, so that only the most held ones are in
/// it; the others have no place in models that are made of it, and score 0 there.
package struct CoOccurrence: Sendable {
    /// The most products that have a place.
    ///
    /// A matrix of 2,048 x 2,048 takes 32 MiB, and its inverse two seconds on one core.
    package static let mostProducts = 2048

    /// The products that have a place, ascending.
    package let products: [Int32]
    /// Clients who hold both products, by place, row after row; on the diagonal those who hold the one.
    ///
    /// A square of `products.count`, symmetric.
    package let clients: [Double]
    /// The place of every product, -1 for none.
    private let placeOfProduct: [Int32]

    /// Counts the clients of every pair of products.
    ///
    /// - Parameters:
    ///   - portfolios: Distinct portfolios with their clients; values do not matter.
    ///   - popularity: The holders of the same portfolios.
    ///   - mostProducts: Places, at least 1.
    /// - Throws: `CancellationError` within a few milliseconds of a cancellation.
    /// - Complexity: O(Σ size²) over the portfolios, and the square of the places.
    package init(
        of portfolios: Portfolios, popularity: ProductPopularity, mostProducts: Int = Self.mostProducts
    ) throws {
        products = popularity.ranking.prefix(mostProducts).sorted()
        var placeOfProduct = [Int32](repeating: -1, count: portfolios.productCount)
        for (place, product) in products.enumerated() { placeOfProduct[Int(product)] = Int32(place) }
        let count = products.count
        var clients = [Double](repeating: 0, count: count * count)
        var places: [Int] = []
        for portfolio in 0..<portfolios.count {
            if portfolio.isMultiple(of: 1 << 12) { try Task.checkCancellation() }
            let multiplicity = Double(portfolios.multiplicity(of: portfolio))
            places.removeAll(keepingCapacity: true)
            for product in portfolios.products(of: portfolio) {
                let place = Int(placeOfProduct[Int(product)])
                if place >= 0 { places.append(place) }
            }
            for row in places {
                for column in places { clients[row * count + column] += multiplicity }
            }
        }
        self.clients = clients
        self.placeOfProduct = placeOfProduct
    }

    /// How many clients hold one product and have lately added another: held by row, added by column, by place.
    ///
    /// - Throws: `CancellationError`.
    package func additions(_ recent: RecentAdditions, of portfolios: Portfolios) throws -> [Double] {
        let count = products.count
        var added = [Double](repeating: 0, count: count * count)
        for portfolio in 0..<portfolios.count {
            if portfolio.isMultiple(of: 1 << 12) { try Task.checkCancellation() }
            let rows = portfolios.products(of: portfolio).compactMap(place(of:))
            for client in portfolios.clients(of: portfolio) {
                for column in recent.additions[Int(client)].lazy.compactMap(place(of:)) {
                    for row in rows { added[row * count + column] += 1 }
                }
            }
        }
        return added
    }

    /// The place of a product in the matrix; nothing for one that is not in it.
    package func place(of product: Int32) -> Int? {
        let place = placeOfProduct[Int(product)]
        return place < 0 ? nil : Int(place)
    }
}
