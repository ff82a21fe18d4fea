import Holdings
package import PeerSearch

/// Multinomial logistic regression: which product a client takes next, by what it holds and what is known of it.
///
/// With S what the client holds and a its attributes, the score of a product p that it lacks is
///
///     z(p) = b(p) + Σ W(q, p) over q in S + Σ V(a, p) over attributes
///     score(p) = exp(z(p)) / Σ exp(z(r)) over the products r that are not in S
///
/// It is trained on every portfolio and each of its products p, to be told from those that the portfolio lacks by what
/// else is in it, with the weight 1 / |S|. Squares of all numbers count λ/2, so there is one optimum.
package struct SoftmaxModel: Sendable {
    /// The most products that have a place; further ones score 0.
    package static let mostProducts = 500
    /// The norm of the gradient at which training ends, for up to ten thousand clients; rounding leaves more for more.
    private static let tolerance = 1e-9

    /// How training has ended.
    package struct Training: Sendable, Hashable {
        /// Rows: distinct sets of products, with attributes where these count.
        package let rows: Int
        /// What is left to make smaller, by pair.
        package let loss: Double
        package let iterations: Int
        package let gradientNorm: Double
        package let isConverged: Bool
    }

    /// How training has ended.
    package let training: Training
    private let placeOfProduct: [Int32]
    private let products: [Int32]
    private let featureCount: Int
    private let stride: Int
    /// b, W and V as ``SoftmaxObjective`` has them.
    private let variables: [Double]

    /// Trains a model.
    ///
    /// - Parameters:
    ///   - portfolios: Distinct portfolios; values do not matter.
    ///   - popularity: Their holders; the most held products get the places.
    ///   - usesAttributes: Whether the attributes that take part in distances count.
    ///   - lambda: λ, above 0.
    ///   - seed: Of the sample of rows, where there are too many.
    ///   - width: Tasks that compute at once, at least 1. Affects speed only, never the result.
    /// - Throws: `CancellationError`.
    /// - Complexity: Each of about a hundred rounds takes O(held products × products) for each row.
    package init(
        _ portfolios: Portfolios, popularity: ProductPopularity, usesAttributes: Bool = true, lambda: Double = 1,
        mostProducts: Int = Self.mostProducts, mostIterations: Int = 3000, seed: UInt64 = 1, width: Int
    ) async throws {
        precondition(lambda > 0, "without a penalty there need not be an optimum")
        products = popularity.ranking.prefix(mostProducts).sorted()
        var placeOfProduct = [Int32](repeating: -1, count: portfolios.productCount)
        for (place, product) in products.enumerated() { placeOfProduct[Int(product)] = Int32(place) }
        self.placeOfProduct = placeOfProduct
        let objective = SoftmaxObjective(
            SoftmaxRows(portfolios, placeOfProduct: placeOfProduct, usesAttributes: usesAttributes, seed: seed),
            lambda: lambda, width: width)
        (stride, featureCount) = (objective.stride, objective.rows.featureCount)
        // The second derivative is at least λ in every direction, so this times 1 / λ bounds the distance to the optimum.
        let search = LimitedMemoryBFGS(
            scales: objective.scales(), tolerance: Self.tolerance * max(1, objective.totalWeight / 10_000),
            mostIterations: mostIterations)
        let start = [Double](repeating: 0, count: objective.variableCount)
        let minimum = try await search.minimum(from: start) { try await objective($0) }
        variables = minimum.variables
        training = Training(
            rows: objective.rows.count, loss: minimum.value / max(1, objective.totalWeight),
            iterations: minimum.iterations, gradientNorm: minimum.gradientNorm, isConverged: minimum.isConverged)
    }

    /// Scores every product for a client.
    ///
    /// - Parameters:
    ///   - held: The products that the client holds.
    ///   - attributes: What is known of the client: attributes that are not 0, with their values.
    ///   - scores: Receives one score per product of the warehouse: their sum is 1, and what is held or has no place gets 0.
    package func score(
        held: some Sequence<Int32>, attributes: some Sequence<(Int32, Double)>, into scores: inout [Double]
    ) {
        let held = held.lazy.map { Int(placeOfProduct[Int($0)]) }.filter { $0 >= 0 }
        var sums = Array(variables[..<stride])
        for place in held { add(row: 1 + place, times: 1, to: &sums) }
        for (feature, value) in attributes where Int(feature) < featureCount {
            add(row: 1 + products.count + Int(feature), times: value, to: &sums)
        }
        for place in held { sums[place] = -.infinity }
        var greatest = -Double.infinity
        for place in products.indices { greatest = max(greatest, sums[place]) }
        scores.reset(count: scores.count)
        guard greatest > -.infinity else { return }
        var total = 0.0
        for place in products.indices {
            sums[place] = ReproducibleMath.exp(sums[place] - greatest)
            total += sums[place]
        }
        for (place, product) in products.enumerated() { scores[Int(product)] = sums[place] / total }
    }

    /// b of a product; nil for one without a place.
    package func bias(of product: Int32) -> Double? {
        place(of: product).map { variables[$0] }
    }

    /// W, what holding one product adds for another; nil where one of them has no place.
    package func weight(from held: Int32, to product: Int32) -> Double? {
        guard let row = place(of: held), let column = place(of: product) else { return nil }
        return variables[(1 + row) * stride + column]
    }

    /// V, what one of the client's attributes adds for a product; nil for a product without a place.
    package func weight(fromAttribute attribute: Int, to product: Int32) -> Double? {
        guard let column = place(of: product), attribute < featureCount else { return nil }
        return variables[(1 + products.count + attribute) * stride + column]
    }

    private func place(of product: Int32) -> Int? {
        let place = placeOfProduct[Int(product)]
        return place < 0 ? nil : Int(place)
    }

    private func add(row: Int, times value: Double, to sums: inout [Double]) {
        variables.withUnsafeBufferPointer { variables in
            for place in 0..<stride { sums[place] += value * variables[row * stride + place] }
        }
    }
}
