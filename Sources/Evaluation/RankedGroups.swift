/// The head of a ranking in which products may tie: groups of products with equal scores, best first.
///
/// Only what can have a place among the first `depth` is sorted out; the last group may reach beyond.
struct RankedGroups {
    /// Products that tie.
    struct Group: Hashable {
        /// Where they are in ``RankedGroups/products``.
        var range: Range<Int>
        /// Products that rank before all of them.
        var before: Int { range.lowerBound }
    }

    /// The products of all groups, group after group, ascending inside a group.
    private(set) var products: [Int32] = []
    /// The groups, best first.
    private(set) var groups: [Group] = []

    /// The highest scores, best first, as many as the ranking is deep.
    private var best: [Double] = []

    /// Ranks products by score; more is better.
    ///
    /// - Parameters:
    ///   - scores: One per product; NaN for a product that is not ranked.
    ///   - depth: Places that matter, at least 1.
    /// - Complexity: O(products), apart from what is among the first places.
    mutating func rank(scores: [Double], depth: Int) {
        best.removeAll(keepingCapacity: true)
        products.removeAll(keepingCapacity: true)
        groups.removeAll(keepingCapacity: true)
        var threshold = -Double.infinity
        for score in scores where score > threshold || (best.count < depth && !score.isNaN) {
            if best.count == depth { best.removeLast() }
            best.insert(score, at: best.firstIndex { score > $0 } ?? best.count)
            if best.count == depth { threshold = best[depth - 1] }
        }
        guard let least = best.last else { return }
        for (product, score) in scores.enumerated() where score >= least { products.append(Int32(product)) }
        products.sort { left, right in
            let (first, second) = (scores[Int(left)], scores[Int(right)])
            return first == second ? left < right : first > second
        }
        var start = 0
        while start < products.count {
            var end = start + 1
            while end < products.count && scores[Int(products[end])] == scores[Int(products[start])] { end += 1 }
            groups.append(Group(range: start..<end))
            start = end
        }
    }

    /// The probability that a product of a group is among the first `cutoff`.
    static func probability(of group: Group, cutoff: Int) -> Double {
        min(1, max(0, Double(cutoff - group.before) / Double(group.range.count)))
    }
}
