import Holdings

/// Collects the rows that say what products are made of, in any order, and resolves them down to what has votes.
///
/// Rows come with arrival indexes, as in ``HoldingsBuilder``. The result does not depend on the order of rows.
public struct ComponentsBuilder: Sendable {
    private struct Row {
        var product: Int32
        var component: Int32
        var weight: Double?
    }

    private var rows: [Row] = []

    /// Creates a builder without rows.
    public init() {}

    /// Adds a row; the weights of several for one product and component are summed.
    ///
    /// - Parameters:
    ///   - product: The arrival index of the product that is made of others.
    ///   - component: The arrival index of a product that it is made of.
    ///   - weight: Its weight in any unit, `nil` for NULL.
    public mutating func add(product: Int32, component: Int32, weight: Double?) {
        rows.append(Row(product: product, component: component, weight: weight))
    }

    /// Normalizes weights, gives products that nobody holds and that have no components the held products that are most
    /// like them, and resolves components that have components themselves.
    ///
    /// - Parameters:
    ///   - productOrder: The final index of every product by arrival index: a permutation of all products.
    ///   - isHeld: By final index, whether anybody holds the product.
    ///   - attributes: What products have in common; nothing when that does not matter.
    /// - Returns: The components, nothing when no product has any, and what was found on the way.
    /// - Precondition: Every row's product and component have a place in the order.
    public consuming func finish(
        productOrder: [Int32], isHeld: [Bool], attributes: ProductAttributes? = nil
    ) -> (components: ProductComponents?, quality: ComponentsQuality) {
        var quality = ComponentsQuality()
        var graph = ComponentGraph(direct: normalizedRows(productOrder, &quality))
        quality.cycles = graph.removeCycles()
        let isLeaf = graph.isLeaf
        let similar = attributes.map { $0.similarProducts(isHeld: isHeld, isWanted: isLeaf) }
        let parts = graph.resolved(leaves: similar)
        guard parts.contains(where: { !$0.isEmpty }) else { return (nil, quality) }
        return (ProductComponents(parts, isFromAttributes: isLeaf), quality)
    }

    /// The components of every product by final index, with weights that sum to 1.
    private func normalizedRows(
        _ productOrder: [Int32], _ quality: inout ComponentsQuality
    ) -> [[ProductComponents.Part]] {
        var weights = [[Int32: [Double]]](repeating: [:], count: productOrder.count)
        for row in rows {
            let product = productOrder[Int(row.product)]
            let component = productOrder[Int(row.component)]
            if product == component {
                quality.ownComponents.append(product)
            } else if let weight = row.weight, weight >= 0, weight.isFinite {
                weights[Int(product)][component, default: []].append(weight)
            } else {
                quality.invalidWeights.append(product)
            }
        }
        let parts = weights.enumerated().map { product, weightsOfComponent in
            guard !weightsOfComponent.isEmpty else { return [ProductComponents.Part]() }
            let total = weightsOfComponent.values.joined().ascendingSum()
            guard total > 0, total.isFinite else {
                quality.invalidWeights.append(Int32(product))
                return []
            }
            return weightsOfComponent.sorted { $0.key < $1.key }.map { component, weights in
                ProductComponents.Part(product: component, weight: weights.ascendingSum() / total)
            }
        }
        quality.ownComponents.sort()
        quality.invalidWeights.sort()
        return parts
    }
}
