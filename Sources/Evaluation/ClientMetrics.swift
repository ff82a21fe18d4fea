import Foundation

/// The metrics of one client's ranking, each the expectation over all orders of the products that tie.
///
/// After F. McSherry and M. Najork, "Computing Information Retrieval Performance Measures Efficiently in the Presence of
/// Tied Scores" (ECIR 2008): no order of tied products is more right than another, so none is drawn.
enum ClientMetrics {
    /// Columns of a client's row: the metrics of ``Metric/byClient``, in their order.
    static let columnCount = Metric.byClient.count

    private static let depth = Metric.cutoffs.max() ?? 0
    private static let discounts = (1...depth).map { 1 / log2(Double($0) + 1) }

    /// Appends the row of a client.
    ///
    /// - Parameters:
    ///   - ranking: The client's ranking, at least as deep as the greatest cutoff or complete.
    ///   - isRelevant: Whether a product is one of those that the client has added.
    ///   - relevantCount: How many these are, ranked or not; at least 1.
    ///   - row: Receives ``columnCount`` numbers, each 0...1.
    static func append(
        _ ranking: RankedGroups, isRelevant: (Int32) -> Bool, relevantCount: Int, to row: inout [Double]
    ) {
        let relevant = Double(relevantCount)
        var gain = 0.0
        var idealGain = 0.0
        var recall = 0.0
        var precisions = 0.0
        var reciprocalRank = 0.0
        // Of no hit so far.
        var missProbability = 1.0
        var relevantBefore = 0.0
        var columns = [Double](repeating: 0, count: columnCount)

        func record(_ place: Int) {
            guard let column = Metric.cutoffs.firstIndex(of: place) else { return }
            // In the order of the kinds that are means over clients.
            let values = [
                1 - missProbability, recall / relevant, gain / idealGain, precisions / relevant, reciprocalRank,
            ]
            for (kind, value) in values.enumerated() { columns[kind * Metric.cutoffs.count + column] = value }
        }

        var place = 0
        for group in ranking.groups {
            let size = Double(group.range.count)
            let hits = Double(ranking.products[group.range].count(where: isRelevant))
            for offset in 0..<group.range.count {
                place += 1
                if place > depth { break }
                if place <= relevantCount { idealGain += discounts[place - 1] }
                if hits > 0 {
                    let before = Double(offset)
                    gain += hits / size * discounts[place - 1]
                    recall += hits / size
                    let hitsBefore = relevantBefore + (size > 1 ? before * (hits - 1) / (size - 1) : 0)
                    precisions += hits / size * (hitsBefore + 1) / Double(place)
                    // Given no hit in the group so far, its hits are among the places that are left.
                    let first = min(1, hits / (size - before))
                    reciprocalRank += missProbability * first / Double(place)
                    missProbability *= 1 - first
                }
                record(place)
            }
            if place > depth { break }
            relevantBefore += hits
        }
        // A list that ends early has no hits beyond its end.
        while place < depth {
            place += 1
            if place <= relevantCount { idealGain += discounts[place - 1] }
            record(place)
        }
        row.append(contentsOf: columns)
    }
}
