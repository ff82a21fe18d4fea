import Holdings
import Recommending

extension SourceInput.Draft {
    /// Adds what cannot be right about what products are made of.
    ///
    /// - Parameters:
    ///   - quality: What was found in their weights.
    ///   - unknown: Ids that are nowhere else, ascending.
    ///   - rowsWithUnknown: Rows that have such an id.
    mutating func addComponentsFindings(
        _ quality: ComponentsQuality, unknown: IdentifierTable, rowsWithUnknown: Int
    ) {
        findings.add(
            .unknownComponent, .error, rowsWithUnknown,
            examples: Occurrences(of: Array(0..<Int32(unknown.count)), in: unknown).examples,
            "rows of products.components name products that are neither in the products relation nor in holdings")
        findings.add(
            .invalidWeight, .error, Occurrences(of: quality.invalidWeights, in: order.products),
            "weights in products.components are NULL, negative, infinite or NaN, or a product's sum to 0")
        findings.add(
            .ownComponent, .error, Occurrences(of: quality.ownComponents, in: order.products),
            "products are their own components")
        findings.add(
            .componentCycle, .error, Occurrences(of: quality.cycles, in: order.products),
            "products are, by way of others, made of themselves")
    }
}
