/// What is known about products apart from who holds them, for finding products that are alike.
public struct ProductAttributes: Sendable {
    /// By attribute and product, the number of a value, equal for equal values; nothing where it is unknown.
    private let values: [[Int32?]]
    private let productCount: Int

    /// Creates attributes.
    ///
    /// - Parameters:
    ///   - values: By attribute, then by product: a number that is equal for equal values, or nothing where the value is
    ///     unknown.
    ///   - productCount: Products that exist.
    /// - Precondition: Every attribute has a place for every product.
    public init(values: [[Int32?]], productCount: Int) {
        precondition(values.allSatisfy { $0.count == productCount }, "an attribute is about other products")
        self.values = values
        self.productCount = productCount
    }

    /// For products that nobody holds, the held products with the most equal values, at least one; an unknown value
    /// equals nothing.
    ///
    /// All of them have equally many equal values, so all weigh the same.
    ///
    /// - Parameters:
    ///   - isHeld: By product, whether anybody holds it.
    ///   - isWanted: By product, whether to look for others if nobody holds it.
    /// - Returns: The parts of every product, ascending; empty for held products and where nothing is alike.
    /// - Complexity: O(attributes · products · held products that share a value).
    func similarProducts(isHeld: [Bool], isWanted: [Bool]) -> [[ProductComponents.Part]] {
        let holders = values.map { values in
            var products: [Int32: [Int32]] = [:]
            for (product, value) in values.enumerated() where isHeld[product] {
                if let value { products[value, default: []].append(Int32(product)) }
            }
            return products
        }
        return (0..<productCount).map { product in
            guard isWanted[product], !isHeld[product] else { return [] }
            var equalValues: [Int32: Int] = [:]
            for (attribute, values) in values.enumerated() {
                guard let value = values[product] else { continue }
                for other in holders[attribute][value] ?? [] { equalValues[other, default: 0] += 1 }
            }
            guard let most = equalValues.values.max() else { return [] }
            let alike = equalValues.filter { $0.value == most }.keys.sorted()
            return alike.map { ProductComponents.Part(product: $0, weight: 1 / Double(alike.count)) }
        }
    }
}
