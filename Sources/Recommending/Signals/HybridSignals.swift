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
    /// - Returns: The products with a positive score, best first.
    func candidates(_ voted: [Candidate], scores: SignalScores, held: ArraySlice<Int32>) -> [Candidate] {
        let popularity = models.popularity
        var peersHolding = [Double](repeating: 0, count: scores.productCount)
        for candidate in voted { peersHolding[Int(candidate.product)] = candidate.peersHolding }
        var isRanked = popularity.holders.map { $0 > 0 }
        for product in held { isRanked[Int(product)] = false }
        let fused = model.fuse(scores, isLaunched: models.recent?.isLaunched, isRanked: { isRanked[$0] })
        let asksPeers = model.weights[.peers] != nil
        var candidates: [Candidate] = []
        for product in fused.indices where isRanked[product] && fused[product] > 0 {
            candidates.append(
                Candidate(
                    product: Int32(product), score: fused[product], peersHolding: peersHolding[product],
                    reason: asksPeers && peersHolding[product] > 0 ? .peers : .hybrid))
        }
        candidates.sort(by: popularity.ranksBefore)
        return candidates
    }
}
