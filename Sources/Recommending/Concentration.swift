/// How few products the suggestions of a run come down to.
///
/// Coverage and Gini have the formulas of `coverage@k` and `gini@k` in an evaluation, over lists as they are published
/// instead of the first k places. What is counted are integers, so no order of lists or products changes a digit.
public struct Concentration: Sendable, Hashable {
    /// Share of the products that can be suggested that are suggested to anybody, above 0 and at most 1.
    public let coverage: Double
    /// The Gini coefficient of how often each of them is suggested: 0 when all are equal, towards 1 for a single one.
    public let gini: Double
    /// Share of all suggestions that go to the three most suggested products, above 0 and at most 1.
    public let top3Share: Double

    /// The concentration of suggestions on products; nil without suggestions.
    ///
    /// - Parameter counts: How often each product that can be suggested is suggested, in any order.
    public init?(_ counts: [Int]) {
        let sorted = counts.sorted()
        let total = sorted.reduce(0, +)
        guard total > 0 else { return nil }
        let count = sorted.count
        // At most products times suggestions, which a million clients keep far below 2^53: only the divisions round.
        let weighted = zip(1..., sorted).reduce(0) { $0 + (2 * $1.0 - count - 1) * $1.1 }
        coverage = Double(sorted.count { $0 > 0 }) / Double(count)
        gini = Double(weighted) / Double(count * total)
        top3Share = Double(sorted.suffix(3).reduce(0, +)) / Double(total)
    }

    /// The concentration of what a run suggests; nil when it suggests nothing.
    ///
    /// Products count that are available and held by anybody, which is what an evaluation ranks, and those that are
    /// suggested although nobody holds them.
    public init?(_ recommendations: Recommendations, policy: Policy, popularity: ProductPopularity) {
        let counts = recommendations.suggestionCounts(productCount: policy.productCount)
        self.init(
            counts.indices.filter { product in
                counts[product] > 0
                    || popularity.holders[product] > 0 && policy.isOffered(product: Int32(product))
            }.map { counts[$0] })
    }
}
