import PeerSearch

/// Chooses what clients are offered, after policy: the best candidates, or popular products where there are none.
struct RowSelector: Sendable {
    let policy: Policy
    let popularity: ProductPopularity
    let topN: Int
    /// The signals whose scores are kept as parts of the rows' scores; empty without a hybrid model.
    let signals: [Signal]
    /// What clients were suggested before; nil when that does not matter.
    let incumbents: Incumbents?

    /// Chooses the rows of a list.
    ///
    /// - Parameters:
    ///   - audience: Who gets it.
    ///   - held: What each of them holds; empty for clients without a portfolio.
    ///   - peers: Their peers; nil when they were not searched for.
    ///   - candidates: What the peers hold, best first.
    ///   - scores: The parts of the candidates' scores, where they have any.
    ///   - result: Receives the list.
    func appendList(
        for audience: Audience, held: ArraySlice<Int32>, peers: PeerList?, candidates: [Candidate],
        scores: SignalScores?, to result: inout ListResults
    ) {
        let start = result.rows.count
        guard !audience.isExcluded else {
            result.endList(ClientOutcome(status: .excluded, portfolioSize: held.count), firstRow: start)
            return
        }
        let offer = Offer(policy, audience)
        appendCandidates(candidates, offer, audience, to: &result.rows)
        let hasCandidates = result.rows.count > start
        if !hasCandidates { appendPopular(held: held, offer, to: &result.rows) }
        // Popular products come with no parts.
        for row in result.rows[start...] {
            for signal in signals {
                result.parts.append(hasCandidates ? scores?.part(of: signal, product: row.product) ?? .nan : .nan)
            }
        }
        let outcome = ClientOutcome(
            status: held.isEmpty ? .noPortfolio : hasCandidates ? .scored : .fallback, portfolioSize: held.count,
            peers: peers?.placeCount ?? 0, kthDistance: peers?.kthDistance)
        result.endList(outcome, firstRow: start)
    }

    /// What may be offered to an audience.
    private struct Offer {
        private let policy: Policy
        private let suitabilityClass: Int32
        private let exclusions: ArraySlice<Int32>

        init(_ policy: Policy, _ audience: Audience) {
            self.policy = policy
            suitabilityClass = audience.suitabilityClass
            exclusions = policy.products(ofExclusionList: audience.exclusionList)
        }

        func includes(_ product: Int32) -> Bool {
            policy.isOffered(product: product, suitabilityClass: suitabilityClass) && !exclusions.contains(product)
        }
    }

    private func appendCandidates(
        _ candidates: [Candidate], _ offer: Offer, _ audience: Audience, to rows: inout [ListResults.Row]
    ) {
        func append(_ candidate: Candidate) {
            rows.append(
                .init(
                    product: candidate.product, reason: candidate.reason, score: candidate.score,
                    peersHolding: candidate.peersHolding))
        }
        if let incumbents, audience.incumbentList != 0 {
            let offered = candidates.filter { offer.includes($0.product) }
            incumbents.best(topN, of: offered, list: audience.incumbentList, popularity: popularity).forEach(append)
        } else {
            candidates.lazy.filter { offer.includes($0.product) }.prefix(topN).forEach(append)
        }
    }

    private func appendPopular(held: ArraySlice<Int32>, _ offer: Offer, to rows: inout [ListResults.Row]) {
        for product in popularity.ranking.lazy.filter({ offer.includes($0) && !held.contains($0) }).prefix(topN) {
            rows.append(
                .init(
                    product: product, reason: .popular, score: popularity.baseRate(of: product), peersHolding: 0))
        }
    }
}

extension SignalScores {
    /// What a signal says of a recommended product, 0...1; nil for a signal that nothing is known of.
    func part(of signal: Signal, product: Int32) -> Float? {
        let values = self[signal]
        return values.isEmpty ? nil : Float(min(1, max(0, values[Int(product)])))
    }
}
