import Holdings

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

    /// An exposure as it is summed up again and again.
    private struct Term {
        var client: Int32
        var product: Int32
        var probabilities: SIMD4<Double>
        /// Of the probabilities that the client does not get the product.
        var missLogarithms: SIMD4<Double>
    }

    private let terms: [Term]
    private let productCount: Int
    /// Products that can be recommended: those that anybody holds.
    private let catalogSize: Int

    init(_ exposures: [Exposure], productCount: Int, catalogSize: Int) {
        terms = exposures.map { exposure in
            let probabilities = SIMD4<Double>(exposure.probabilities)
            var missLogarithms = SIMD4<Double>()
            for cutoff in 0..<4 { missLogarithms[cutoff] = ReproducibleMath.log1p(-probabilities[cutoff]) }
            return Term(
                client: exposure.client, product: exposure.product, probabilities: probabilities,
                missLogarithms: missLogarithms)
        }
        self.productCount = productCount
        self.catalogSize = catalogSize
    }

    /// The metrics of ``Metric/ofCatalog``, in their order.
    ///
    /// - Parameter counts: How often each client's list counts.
    func values(counts: [Double]) -> [Double] {
        var expected = [SIMD4<Double>](repeating: SIMD4(), count: productCount)
        var missLogarithms = expected
        for term in terms {
            let count = counts[Int(term.client)]
            // Nothing is infinitely improbable to those who are not there.
            if count == 0 { continue }
            expected[Int(term.product)] += count * term.probabilities
            missLogarithms[Int(term.product)] += count * term.missLogarithms
        }
        let coverage = Metric.cutoffs.indices.map { cutoff in
            catalogSize == 0
                ? 0 : missLogarithms.reduce(0) { $0 + 1 - ReproducibleMath.exp($1[cutoff]) } / Double(catalogSize)
        }
        return coverage
            + Metric.cutoffs.indices.map { cutoff in
                Self.gini(expected.map { $0[cutoff] }, catalogSize: catalogSize)
            }
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
