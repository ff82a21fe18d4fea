import Foundation

/// What is recommended at all, and how evenly: coverage and inequality of the first k places of many lists.
///
/// Where products tie for the last places, each has them with the same probability, independently of other clients.
struct CatalogMetrics {
    /// A product that may be among the first places of a client's list.
    struct Exposure {
        /// The client's row.
        var client: Int32
        /// The product.
        var product: Int32
        /// The probability that it is among the first k, by ``Metric/cutoffs``.
        var probabilities: SIMD4<Float>
    }

    private let exposures: [Exposure]
    private let productCount: Int
    /// Products that can be recommended: those that anybody holds.
    private let catalogSize: Int

    init(_ exposures: [Exposure], productCount: Int, catalogSize: Int) {
        self.exposures = exposures
        self.productCount = productCount
        self.catalogSize = catalogSize
    }

    /// The metrics of ``Metric/ofCatalog``, in their order.
    ///
    /// - Parameter counts: How often each client's list counts.
    func values(counts: [Double]) -> [Double] {
        let cutoffCount = Metric.cutoffs.count
        var expected = [[Double]](repeating: [Double](repeating: 0, count: productCount), count: cutoffCount)
        // The logarithm of the probability that nobody gets the product.
        var missLogarithms = expected
        for exposure in exposures {
            let count = counts[Int(exposure.client)]
            if count == 0 { continue }
            for cutoff in 0..<cutoffCount {
                let probability = Double(exposure.probabilities[cutoff])
                if probability == 0 { continue }
                expected[cutoff][Int(exposure.product)] += count * probability
                missLogarithms[cutoff][Int(exposure.product)] += count * log1p(-probability)
            }
        }
        let coverage = missLogarithms.map { logarithms in
            catalogSize == 0 ? 0 : logarithms.reduce(0) { $0 + 1 - exp($1) } / Double(catalogSize)
        }
        return coverage + expected.map { Self.gini($0, catalogSize: catalogSize) }
    }

    /// The Gini coefficient of how often each product of the catalog is recommended.
    ///
    ///     G = Σ (2i - n - 1) e(i) / (n Σ e(i)),  e ascending, i from 1
    private static func gini(_ exposures: [Double], catalogSize: Int) -> Double {
        // Products outside the catalog are never recommended: the zeros among the exposures beyond its size.
        let sorted = exposures.sorted().suffix(catalogSize)
        let total = sorted.reduce(0, +)
        guard total > 0 else { return 0 }
        let count = Double(sorted.count)
        let weighted = zip(1..., sorted).reduce(0.0) { $0 + (2 * Double($1.0) - count - 1) * $1.1 }
        return weighted / (count * total)
    }
}
