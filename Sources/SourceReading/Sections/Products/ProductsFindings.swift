import Holdings

extension SourceInput.Draft {
    /// Adds what is odd about the products.
    ///
    /// - Parameter rowCounts: The rows of each product.
    mutating func addProductsFindings(rowCounts: [Int]) {
        let ids = order.products
        findings.add(
            .duplicateProduct, .warning, Occurrences(rowCounts, in: ids) { max(0, $0 - 1) },
            "further rows for a product in the products relation; it is available only if all of them say so")
        findings.add(
            .unknownProductRisk, .warning, Occurrences(ofUnknown: productRisks ?? [], in: ids),
            "products without a known risk are offered to nobody")
        findings.add(
            .unknownRequirement, .warning, Occurrences(ofUnknown: requirements ?? [], in: ids),
            "products of which it is unknown whether they require a qualified client count as if they did")
    }
}
