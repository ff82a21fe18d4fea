import PeerSearch

/// Makes candidates of the votes of peers, for the products that a client lacks; it owns the scratch memory of one worker.
///
///     score(p) = Σ weight(level) · mass(level, p) / Σ weight(level) · mass(level)
///
/// See ``PeerSearch/VoteTally`` for the order in which votes are added.
struct VoteCounter {
    private let portfolios: Portfolios
    private let popularity: ProductPopularity
    private let tally: VoteTally
    /// Of the query, by product.
    private var isHeld: [Bool]

    /// Candidates that are put in order by insertion; more are sorted.
    private static let crowd = 48

    init(index: PeerIndex, popularity: ProductPopularity) {
        portfolios = index.portfolios
        self.popularity = popularity
        tally = VoteTally(index: index)
        isHeld = [Bool](repeating: false, count: portfolios.productCount)
    }

    /// The products with a positive score, best first.
    ///
    /// In the order of ``ProductPopularity/ranksBefore(_:_:)``. Empty without peers, and when no peer's vote has a weight.
    mutating func candidates(of portfolio: Int, peers: PeerList) -> [Candidate] {
        let sums = tally.count(peers)
        let held = portfolios.columns(of: portfolio)
        for column in held { isHeld[Int(portfolios.products[column])] = true }
        let total = sums.total
        var candidates = [Candidate](unsafeUninitializedCapacity: sums.products.count) { candidates, count in
            for product in sums.products {
                let vote = sums.votes[Int(product)]
                guard vote > 0, !isHeld[Int(product)] else { continue }
                candidates.initializeElement(
                    at: count,
                    to: Candidate(
                        product: product, score: vote / total, peersHolding: sums.masses[Int(product)], reason: .peers))
                count += 1
            }
            if count <= Self.crowd { insertInOrder(candidates[..<count]) }
        }
        for column in held { isHeld[Int(portfolios.products[column])] = false }
        if candidates.count > Self.crowd { candidates.sort(by: popularity.ranksBefore) }
        return candidates
    }

    /// Sorts a few candidates.
    private func insertInOrder(_ candidates: Slice<UnsafeMutableBufferPointer<Candidate>>) {
        guard let start = candidates.base.baseAddress, candidates.count > 1 else { return }
        for next in 1..<candidates.count {
            let candidate = start[next]
            var place = next
            while place > 0 && popularity.ranksBefore(candidate, start[place - 1]) {
                start[place] = start[place - 1]
                place -= 1
            }
            start[place] = candidate
        }
    }

    /// How many clients of each level hold each of some products that the portfolio lacks.
    ///
    /// - Returns: Per product, one number per level.
    func holdersByLevel(of products: [Int32], peers: PeerList) -> [[Int]] {
        var holders = products.map { _ in [Int]() }
        var levelHolders = [Int](repeating: 0, count: portfolios.productCount)
        for level in peers.levels {
            for peer in peers.peers[level.range] {
                for product in portfolios.products(of: Int(peer.portfolio)) {
                    levelHolders[Int(product)] += Int(peer.clients)
                }
            }
            for (index, product) in products.enumerated() { holders[index].append(levelHolders[Int(product)]) }
            for peer in peers.peers[level.range] {
                for product in portfolios.products(of: Int(peer.portfolio)) { levelHolders[Int(product)] = 0 }
            }
        }
        return holders
    }
}
