/// Weights between products: what holding one says about another.
///
/// The score of a product is the sum of the weights from the products that the client holds.
package struct ItemMatrix: Sendable {
    private let coOccurrence: CoOccurrence
    /// The weight from a held product (row) to another (column), by place.
    private let weights: [Double]
    private let isMean: Bool

    private init(_ coOccurrence: CoOccurrence, weights: [Double], isMean: Bool) {
        self.coOccurrence = coOccurrence
        self.weights = weights
        self.isMean = isMean
    }

    /// Item-conditional probability.
    ///
    /// The mean, over the products q that the client holds, of
    ///
    ///     P(p | q) = clients who hold q and p / clients who hold q
    ///
    /// The mean is in 0...1, and ranks as the sum does.
    ///
    /// - Parameter targets: Clients who hold q (row) and have p (column), by place: `coOccurrence.clients`, or what they
    ///   have lately added.
    package static func itemConditional(_ coOccurrence: CoOccurrence, targets: [Double]) -> ItemMatrix {
        let count = coOccurrence.products.count
        var weights = targets
        for row in 0..<count {
            let holders = coOccurrence.clients[row * count + row]
            for column in row * count..<(row + 1) * count { weights[column] /= holders }
        }
        return ItemMatrix(coOccurrence, weights: weights, isMean: true)
    }

    /// EASE, a linear autoencoder in closed form.
    ///
    /// H. Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (WWW 2019).
    ///
    /// With X the matrix of clients by products and P = (XᵀX + λI)⁻¹, the weights B minimize |Y - XB|² + λ|B|² under the
    /// constraint that no product has a weight on itself:
    ///
    ///     B = K - P diag(K / P),  K = P XᵀY
    ///
    /// For Y = X that is the published -P(q,p) / P(p,p). Scores are near 0...1, without being bound to it.
    ///
    /// - Parameters:
    ///   - inverse: P, of ``inverse(_:lambda:)``.
    ///   - targets: XᵀY, clients who hold q (row) and have p (column), by place; nothing for Y = X.
    ///   - width: Tasks that compute at once, at least 1. Affects speed only, never the result.
    /// - Throws: `CancellationError`.
    package static func ease(
        _ coOccurrence: CoOccurrence, inverse: [Double], targets: [Double]?, width: Int
    ) async throws -> ItemMatrix {
        let count = coOccurrence.products.count
        var weights: [Double]
        if let targets {
            weights = try await SharedMatrix(square: inverse, count: count)
                .multiplied(by: SharedMatrix(square: targets, count: count), width: width).elements
        } else {
            // I - λP takes the place of K for Y = X; its part in the diagonal cancels out.
            weights = inverse.map { -$0 }
            for place in 0..<count { weights[place * count + place] += 1 }
        }
        let ratios = (0..<count).map { weights[$0 * count + $0] / inverse[$0 * count + $0] }
        for row in 0..<count {
            for column in 0..<count { weights[row * count + column] -= inverse[row * count + column] * ratios[column] }
            weights[row * count + row] = 0
        }
        return ItemMatrix(coOccurrence, weights: weights, isMean: false)
    }

    /// (XᵀX + λI)⁻¹, by place.
    ///
    /// - Parameters:
    ///   - lambda: λ, the more the more cautious; at least 0.
    ///   - width: Tasks that compute at once, at least 1. Affects speed only, never the result.
    /// - Throws: ``SignalError`` when there is no inverse, as may happen with λ = 0; `CancellationError`.
    /// - Complexity: O(n³) in the products.
    package static func inverse(_ coOccurrence: CoOccurrence, lambda: Double, width: Int) async throws -> [Double] {
        let count = coOccurrence.products.count
        var gram = coOccurrence.clients
        for place in 0..<count { gram[place * count + place] += lambda }
        let matrix = SharedMatrix(square: gram, count: count)
        try await matrix.invert(width: width)
        return matrix.elements
    }

    /// Scores every product for a client.
    ///
    /// - Parameters:
    ///   - held: The products that the client holds.
    ///   - scores: Receives one score per product of the warehouse; 0 for those without a place. What the client holds
    ///     gets a score too.
    package func score(held: ArraySlice<Int32>, into scores: inout [Double]) {
        let count = coOccurrence.products.count
        var sums = [Double](repeating: 0, count: count)
        weights.withUnsafeBufferPointer { weights in
            sums.withUnsafeMutableBufferPointer { sums in
                for row in held.lazy.compactMap(coOccurrence.place(of:)) {
                    for column in 0..<count { sums[column] += weights[row * count + column] }
                }
            }
        }
        scores.reset(count: scores.count)
        let divisor = isMean ? Double(max(1, held.count)) : 1
        for (product, sum) in zip(coOccurrence.products, sums) { scores[Int(product)] = sum / divisor }
    }
}
