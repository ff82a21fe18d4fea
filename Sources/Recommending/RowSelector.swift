import PeerSearch

/// Chooses what clients are offered, after policy: the best candidates, or popular products where there are none.
struct RowSelector: Sendable {
    let policy: Policy
    let popularity: ProductPopularity
    let topN: Int
    /// Whether scores have parts.
    let isHybrid: Bool
    /// What clients were suggested before; nothing when that does not matter.
    let incumbents: Incumbents?

    /// Chooses the rows of clients who have the same portfolio.
    ///
    /// Those without exclusions of their own share one selection for each class of suitability and for each list
    /// of what they were suggested before, and those who are offered nothing share one.
    ///
    /// - Parameters:
    ///   - clients: The clients.
    ///   - held: What each of them holds; empty for clients without a portfolio.
    ///   - peers: Their peers; nothing when they were not searched for.
    ///   - candidates: What the peers hold, best first.
    ///   - signals: The parts of the candidates' scores, where they have any.
    ///   - result: Receives the clients with their selections.
    func serve(
        clients: ArraySlice<Int32>, held: ArraySlice<Int32>, peers: PeerList?, candidates: [Candidate],
        signals: SignalScores? = nil, into result: inout ChunkResult
    ) {
        result.clients.append(contentsOf: clients)
        var shared = SharedSelections()
        var nothing: Int32?
        for client in clients {
            let isExcluded = policy.isExcluded(client: Int(client))
            let exclusions = policy.excludedProducts(ofClient: Int(client))
            let audience = Audience(
                suitabilityClass: policy.suitabilityClass(ofClient: Int(client)),
                incumbentList: incumbents?.list(ofClient: Int(client)) ?? 0)
            if let known = isExcluded ? nothing : (exclusions.isEmpty ? shared[audience] : nil) {
                result.selectionOfClient.append(known)
                continue
            }
            let selection = Int32(result.selections.count)
            result.selectionOfClient.append(selection)
            if isExcluded {
                nothing = selection
                let outcome = ClientOutcome(
                    status: .excluded, portfolioSize: held.count, peers: 0, kthDistance: nil)
                result.selections.append(.init(outcome: outcome, rows: result.rows.count..<result.rows.count))
                continue
            }
            if exclusions.isEmpty { shared[audience] = selection }
            let peerCount = peers?.placeCount ?? 0
            let start = result.rows.count
            let reason = appendRows(
                candidates: candidates, peers: peerCount, held: held, exclusions: exclusions, audience: audience,
                to: &result.rows)
            if isHybrid {
                result.parts += result.rows[start...].map { row in
                    row.reason == .popular
                        ? SignalParts() : signals.map { SignalParts($0, product: row.product) } ?? SignalParts()
                }
            }
            let outcome = ClientOutcome(
                status: held.isEmpty ? .noPortfolio : reason == .peers ? .scored : .fallback,
                portfolioSize: held.count,
                peers: peerCount,
                kthDistance: peers?.kthDistance
            )
            result.selections.append(.init(outcome: outcome, rows: start..<result.rows.count))
        }
    }

    /// Appends at most `topN` rows, best first.
    ///
    /// - Returns: Popularity when no candidate may be offered.
    private func appendRows(
        candidates: [Candidate], peers: Int, held: ArraySlice<Int32>, exclusions: ArraySlice<Int32>, audience: Audience,
        to rows: inout [Recommendation]
    ) -> ReasonCode {
        let start = rows.count
        func append(_ candidate: Candidate) {
            rows.append(
                Recommendation(
                    product: candidate.product, rank: Int32(rows.count - start + 1), score: candidate.score,
                    peers: peers, peersHolding: candidate.peersHolding, reason: candidate.reason))
        }
        if let incumbents, audience.incumbentList != 0 {
            let offered = candidates.filter { isOffered($0.product, exclusions, audience) }
            incumbents.best(topN, of: offered, list: audience.incumbentList, popularity: popularity).forEach(append)
        } else {
            for candidate in candidates where isOffered(candidate.product, exclusions, audience) {
                if rows.count - start == topN { break }
                append(candidate)
            }
        }
        if rows.count > start { return .peers }
        for product in popularity.ranking
        where isOffered(product, exclusions, audience) && !held.contains(product) {
            if rows.count - start == topN { break }
            rows.append(
                Recommendation(
                    product: product, rank: Int32(rows.count - start + 1),
                    score: popularity.baseRate(of: product), peers: 0, peersHolding: 0, reason: .popular))
        }
        return .popular
    }

    private func isOffered(_ product: Int32, _ exclusions: ArraySlice<Int32>, _ audience: Audience) -> Bool {
        policy.isOffered(product: product, suitabilityClass: audience.suitabilityClass) && !exclusions.contains(product)
    }
}
