import Holdings

/// Scores products by what they are made of, from the candidates of one portfolio; it owns the scratch memory of one
/// worker.
///
///     score(p) = max(score by votes(p), Σ weight(q) · score by votes(q) over the parts q of p)
///
/// A part that the client holds, or that has no votes, counts 0. Terms are summed ascending, so that the last bit does
/// not depend on ids.
struct ComponentScorer {
    private let components: ProductComponents
    private let popularity: ProductPopularity
    /// By product: its place among the candidates, or -1.
    private var places: [Int32]
    private var isHeld: [Bool]

    init(components: ProductComponents, popularity: ProductPopularity) {
        self.components = components
        self.popularity = popularity
        places = [Int32](repeating: -1, count: popularity.holders.count)
        isHeld = [Bool](repeating: false, count: popularity.holders.count)
    }

    /// The candidates together with the products that their parts recommend more.
    ///
    /// - Parameters:
    ///   - candidates: The candidates by votes, before policy.
    ///   - held: The products that the client holds, which are never scored.
    /// - Returns: All candidates, best first; those that their parts decided about say so.
    mutating func candidates(extending candidates: [Candidate], held: ArraySlice<Int32>) -> [Candidate] {
        guard !candidates.isEmpty else { return candidates }
        for (place, candidate) in candidates.enumerated() { places[Int(candidate.product)] = Int32(place) }
        for product in held { isHeld[Int(product)] = true }
        var result = candidates
        let scores = (0..<components.lists.count).map { score(of: components.lists[$0], candidates) }
        for (index, product) in components.products.enumerated() where !isHeld[Int(product)] {
            let score = scores[components.list(at: index)]
            let place = Int(places[Int(product)])
            guard score > (place < 0 ? 0 : candidates[place].score) else { continue }
            let candidate = Candidate(
                product: product, score: score, peersHolding: place < 0 ? 0 : candidates[place].peersHolding,
                reason: .components)
            if place < 0 { result.append(candidate) } else { result[place] = candidate }
        }
        for product in held { isHeld[Int(product)] = false }
        for candidate in candidates { places[Int(candidate.product)] = -1 }
        result.sort(by: popularity.ranksBefore)
        return result
    }

    private func score(of parts: ArraySlice<ProductComponents.Part>, _ candidates: [Candidate]) -> Double {
        var terms: [Double] = []
        for part in parts {
            let place = Int(places[Int(part.product)])
            if place >= 0 { terms.append(part.weight * candidates[place].score) }
        }
        // Rounded weights may sum to a little more than 1.
        return min(1, terms.ascendingSum())
    }
}
