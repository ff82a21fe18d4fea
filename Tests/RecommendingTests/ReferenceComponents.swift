/// What products are made of, by plain recursion.
struct ReferenceComponents {
    struct Row {
        var product: Int
        var component: Int
        var weight: Double
    }

    /// Without cycles; several rows for one pair are summed.
    var rows: [Row] = []
    /// By attribute, the value by product; a missing one is unknown.
    var attributes: [[Int: String]] = []

    /// The parts of a product in the end with their weights; empty for one that is scored by votes alone.
    func parts(of product: Int, productCount: Int, isHeld: (Int) -> Bool) -> [Int: Double] {
        let direct = Dictionary(grouping: rows.filter { $0.product == product }) { $0.component }
        let total = sum(direct.values.joined().map(\.weight))
        guard total > 0 else { return isHeld(product) ? [:] : similar(to: product, productCount, isHeld) }
        var terms: [Int: [Double]] = [:]
        for (component, rows) in direct {
            let weight = sum(rows.map(\.weight)) / total
            let inner = parts(of: component, productCount: productCount, isHeld: isHeld)
            if inner.isEmpty { terms[component, default: []].append(weight) }
            for (part, share) in inner { terms[part, default: []].append(weight * share) }
        }
        return terms.mapValues(sum).filter { $0.value > 0 }
    }

    private func similar(to product: Int, _ productCount: Int, _ isHeld: (Int) -> Bool) -> [Int: Double] {
        let equalValues = (0..<productCount).map { other in
            isHeld(other) ? attributes.count { $0[other] != nil && $0[other] == $0[product] } : 0
        }
        let most = equalValues.max() ?? 0
        let alike = equalValues.indices.filter { most > 0 && equalValues[$0] == most }
        return Dictionary(uniqueKeysWithValues: alike.map { ($0, 1 / Double(alike.count)) })
    }

    /// From the lowest to the highest, as the semantics say.
    func sum(_ terms: [Double]) -> Double {
        terms.sorted().reduce(0, +)
    }
}
