/// A hybrid model with everything that its signals are computed from.
struct HybridSignals: Sendable {
    let model: HybridModel
    let models: SignalModels
    let segmentOfClient: [Int32]?

    /// The segment by which a client's scores may differ from those of others with the same portfolio; -1 for unknown, and
    /// where segments change nothing.
    func segment(of client: Int32) -> Int32 {
        models.usesSegments ? segmentOfClient?[Int(client)] ?? -1 : -1
    }

    /// The candidates of a client, by the scores of all signals.
    ///
    /// - Parameters:
    ///   - voted: The candidates by the votes of peers.
    ///   - scores: The scores of the model's signals.
    ///   - held: What the client holds.
    ///   - scratch: Memory of the worker, as earlier clients have left it.
    /// - Returns: The products with a positive score, best first.
    func candidates(
        _ voted: [Candidate], scores: SignalScores, held: ArraySlice<Int32>, using scratch: inout HybridScratch
    ) -> [Candidate] {
        scratch.prepare(for: models.popularity)
        for candidate in voted { scratch.peersHolding[Int(candidate.product)] = candidate.peersHolding }
        for product in held { scratch.isRanked[Int(product)] = false }
        model.fuse(
            scores, isLaunched: models.recent?.isLaunched, isRanked: { [isRanked = scratch.isRanked] in isRanked[$0] },
            into: &scratch.fused, additions: &scratch.additions)
        // In the order that decides between equal scores, which sorting keeps.
        for product in models.popularity.ranking where scratch.isRanked[Int(product)] {
            let score = scratch.fused[Int(product)]
            if score > 0 { scratch.order.append(product, score: score) }
        }
        let asksPeers = model.weights[.peers] != nil
        let candidates = scratch.order.sorted().map { entry in
            let peersHolding = scratch.peersHolding[Int(entry.product)]
            return Candidate(
                product: entry.product, score: entry.score, peersHolding: peersHolding,
                reason: asksPeers && peersHolding > 0 ? .peers : .hybrid)
        }
        for candidate in voted { scratch.peersHolding[Int(candidate.product)] = 0 }
        for product in held { scratch.isRanked[Int(product)] = true }
        return candidates
    }
}

/// Memory of one worker in which the candidates of one portfolio after the other are ranked.
struct HybridScratch {
    /// By product; 0 between two portfolios.
    fileprivate var peersHolding: [Double] = []
    /// By product: whether anybody holds it; between, what the client holds is taken out.
    fileprivate var isRanked: [Bool] = []
    fileprivate var fused: [Double] = []
    fileprivate var additions: [Double] = []
    fileprivate var order = ScoreOrder()

    fileprivate mutating func prepare(for popularity: ProductPopularity) {
        if isRanked.isEmpty {
            peersHolding = [Double](repeating: 0, count: popularity.holders.count)
            isRanked = popularity.holders.map { $0 > 0 }
        }
        order.removeAll()
    }
}
