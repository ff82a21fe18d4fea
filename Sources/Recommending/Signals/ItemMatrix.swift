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
    package static func ease(_ coOccurrence: CoOccurrence, inverse: [Double], targets: [Double]?) -> ItemMatrix {
        let count = coOccurrence.products.count
        // I - λP takes the place of K for Y = X; its part in the diagonal cancels out.
        var weights = targets.map { product(inverse, $0, count: count) } ?? inverse.map { -$0 }
        if targets == nil {
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
    /// - Parameter lambda: λ, the more the more cautious; at least 0.
    /// - Throws: ``ItemMatrixError`` when there is no inverse, as may happen with λ = 0; `CancellationError`.
    /// - Complexity: O(n³) in the products; 0.3 s for 800.
    package static func inverse(_ coOccurrence: CoOccurrence, lambda: Double) throws -> [Double] {
        let count = coOccurrence.products.count
        var gram = coOccurrence.clients
        for place in 0..<count { gram[place * count + place] += lambda }
        try invert(&gram, count: count)
        return gram
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
            for row in held.lazy.compactMap(coOccurrence.place(of:)) {
                for column in 0..<count { sums[column] += weights[row * count + column] }
            }
        }
        for product in scores.indices { scores[product] = 0 }
        let divisor = isMean ? Double(max(1, held.count)) : 1
        for (product, sum) in zip(coOccurrence.products, sums) { scores[Int(product)] = sum / divisor }
    }

    /// The product of two square matrices.
    private static func product(_ left: [Double], _ right: [Double], count: Int) -> [Double] {
        var result = [Double](repeating: 0, count: count * count)
        result.withUnsafeMutableBufferPointer { result in
            right.withUnsafeBufferPointer { right in
                for row in 0..<count {
                    for inner in 0..<count {
                        let factor = left[row * count + inner]
                        let (target, source) = (row * count, inner * count)
                        for column in 0..<count { result[target + column] += factor * right[source + column] }
                    }
                }
            }
        }
        return result
    }

    /// Inverts a symmetric positive definite matrix in place, by Gauss and Jordan.
    ///
    /// Pivots on the diagonal are stable for such a matrix; one that is not clearly above 0 means that there is no
    /// inverse.
    private static func invert(_ matrix: inout [Double], count: Int) throws {
        let largest = (0..<count).map { matrix[$0 * count + $0] }.max() ?? 0
        let least = largest * Double(count) * Double.ulpOfOne
        try matrix.withUnsafeMutableBufferPointer { matrix in
            guard let start = matrix.baseAddress else { return }
            for pivotPlace in 0..<count {
                if pivotPlace.isMultiple(of: 16) { try Task.checkCancellation() }
                let pivotRow = start + pivotPlace * count
                let pivot = pivotRow[pivotPlace]
                guard pivot > least else { throw ItemMatrixError() }
                pivotRow[pivotPlace] = 1
                for column in 0..<count { pivotRow[column] /= pivot }
                for row in 0..<count where row != pivotPlace {
                    let target = start + row * count
                    let factor = target[pivotPlace]
                    if factor == 0 { continue }
                    target[pivotPlace] = 0
                    for column in 0..<count { target[column] -= factor * pivotRow[column] }
                }
            }
        }
    }
}

/// Why EASE cannot be computed: its matrix has no inverse.
public struct ItemMatrixError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What happened and what to do.
    public var description: String {
        "evaluate.ease_lambda is too small: the matrix of EASE has no inverse; the default, 500, suits most warehouses"
    }
}
