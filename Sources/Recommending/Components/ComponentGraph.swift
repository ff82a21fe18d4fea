import Holdings

/// Which products are made of which, and what they are made of in the end.
struct ComponentGraph {
    /// The components of every product, ascending, as they are listed; empty for products that are made of nothing.
    private var direct: [[ProductComponents.Part]]

    init(direct: [[ProductComponents.Part]]) {
        self.direct = direct
    }

    /// By product, whether it is made of nothing.
    var isLeaf: [Bool] { direct.map(\.isEmpty) }

    /// Takes away the components of all products that are, by way of others, made of themselves.
    ///
    /// - Returns: These products, ascending: those on a cycle, and those on a way from one cycle to another.
    /// - Complexity: O(products + components).
    mutating func removeCycles() -> [Int32] {
        let components = direct.map { $0.map(\.product) }
        let users = Self.reversed(components)
        // What leads into no cycle goes first, then what no cycle leads to.
        var isLeft = [Bool](repeating: true, count: direct.count)
        _ = Self.peel(&isLeft, from: components, towards: users)
        _ = Self.peel(&isLeft, from: users, towards: components)
        let products = isLeft.indices.filter { isLeft[$0] }
        for product in products { direct[product] = [] }
        return products.map { Int32($0) }
    }

    /// The parts of every product in the end: components of components, and so on, with their weights multiplied.
    ///
    /// - Parameter leaves: Parts of products that are made of nothing; what they name is not resolved further.
    /// - Returns: The parts of every product, ascending; empty for those that have none.
    /// - Precondition: There are no cycles.
    /// - Complexity: O(components · parts in the end).
    func resolved(leaves: [[ProductComponents.Part]]?) -> [[ProductComponents.Part]] {
        var parts = leaves ?? [[ProductComponents.Part]](repeating: [], count: direct.count)
        let components = direct.map { $0.map(\.product) }
        var isLeft = [Bool](repeating: true, count: direct.count)
        for product in Self.peel(&isLeft, from: components, towards: Self.reversed(components)) {
            if direct[product].isEmpty { continue }
            var weights: [Int32: [Double]] = [:]
            for component in direct[product] {
                let inner = parts[Int(component.product)]
                if inner.isEmpty { weights[component.product, default: []].append(component.weight) }
                for part in inner { weights[part.product, default: []].append(component.weight * part.weight) }
            }
            parts[product] = weights.sorted { $0.key < $1.key }.compactMap { product, weights in
                let weight = weights.ascendingSum()
                return weight > 0 ? ProductComponents.Part(product: product, weight: weight) : nil
            }
        }
        return parts
    }

    /// Takes away, again and again, what has no successor left.
    ///
    /// - Returns: What was taken away, every product after its successors.
    private static func peel(
        _ isLeft: inout [Bool], from successors: [[Int32]], towards predecessors: [[Int32]]
    ) -> [Int] {
        var successorsLeft = successors.map { list in list.count { isLeft[Int($0)] } }
        var order = isLeft.indices.filter { isLeft[$0] && successorsLeft[$0] == 0 }
        for product in order { isLeft[product] = false }
        var next = 0
        while next < order.count {
            for predecessor in predecessors[order[next]].map({ Int($0) }) where isLeft[predecessor] {
                successorsLeft[predecessor] -= 1
                if successorsLeft[predecessor] == 0 {
                    isLeft[predecessor] = false
                    order.append(predecessor)
                }
            }
            next += 1
        }
        return order
    }

    private static func reversed(_ lists: [[Int32]]) -> [[Int32]] {
        var result = [[Int32]](repeating: [], count: lists.count)
        for (product, list) in lists.enumerated() {
            for other in list { result[Int(other)].append(Int32(product)) }
        }
        return result
    }
}
