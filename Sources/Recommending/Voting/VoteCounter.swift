import PeerSearch

/// Counts the votes of peers for the products that a client lacks; it owns the scratch memory of one worker.
///
/// Votes are added by level, the peers at one rounded distance, ascending. Inside a level, the clients who hold a
/// product are counted in integers. So every sum depends on the distances and the counts alone, down to its last bit:
/// neither ids, nor rows, nor workers, nor the order of portfolios have a part in it.
///
///     score(p) = Σ weight(level) · mass(level, p) / Σ weight(level) · mass(level)
///
/// where the mass is the fraction of the level times the clients in it (who hold p).
struct VoteCounter {
    private let portfolios: Portfolios
    private let metric: DistanceMetric
    private let popularity: ProductPopularity

    /// Of the query, by product.
    private var isHeld: [Bool]
    /// Of the current level, by product, and the products for which it is not 0.
    private var levelHolders: [Int]
    private var levelProducts: [Int32] = []
    /// Of all levels, by product, and the products for which they are not 0.
    private var votes: [Double]
    private var masses: [Double]
    private var votedProducts: [Int32] = []

    init(index: PeerIndex, popularity: ProductPopularity) {
        portfolios = index.portfolios
        metric = index.model.distance
        self.popularity = popularity
        isHeld = [Bool](repeating: false, count: portfolios.productCount)
        levelHolders = [Int](repeating: 0, count: portfolios.productCount)
        votes = [Double](repeating: 0, count: portfolios.productCount)
        masses = [Double](repeating: 0, count: portfolios.productCount)
    }

    /// The products with a positive score, best first.
    ///
    /// In the order of ``ProductPopularity/ranksBefore(_:_:)``. Empty without peers, and when no peer's vote has a weight.
    mutating func candidates(of portfolio: Int, peers: PeerList) -> [Candidate] {
        for product in portfolios.products(of: portfolio) { isHeld[Int(product)] = true }
        var total = 0.0
        for level in peers.levels {
            let weight = metric.weight(ofDistance: level.distance)
            total += weight * level.mass(ofClients: level.clients)
            countHolders(at: level, of: peers)
            for product in levelProducts {
                let mass = level.mass(ofClients: levelHolders[Int(product)])
                if masses[Int(product)] == 0 { votedProducts.append(product) }
                masses[Int(product)] += mass
                votes[Int(product)] += weight * mass
            }
            forgetLevel()
        }
        var candidates: [Candidate] = []
        for product in votedProducts {
            let vote = votes[Int(product)]
            if vote > 0 {
                let peersHolding = masses[Int(product)]
                candidates.append(
                    Candidate(product: product, score: vote / total, peersHolding: peersHolding, reason: .peers))
            }
            votes[Int(product)] = 0
            masses[Int(product)] = 0
        }
        votedProducts.removeAll(keepingCapacity: true)
        for product in portfolios.products(of: portfolio) { isHeld[Int(product)] = false }
        candidates.sort(by: popularity.ranksBefore)
        return candidates
    }

    /// How many clients of each level hold each of some products that the portfolio lacks.
    ///
    /// - Returns: Per product, one number per level.
    mutating func holdersByLevel(of products: [Int32], peers: PeerList) -> [[Int]] {
        var holders = products.map { _ in [Int]() }
        for level in peers.levels {
            countHolders(at: level, of: peers)
            for (index, product) in products.enumerated() {
                holders[index].append(levelHolders[Int(product)])
            }
            forgetLevel()
        }
        return holders
    }

    private mutating func countHolders(at level: PeerList.Level, of peers: PeerList) {
        for peer in peers.peers[level.range] {
            // By column: a slice per peer would cost more than the counting.
            for column in portfolios.columns(of: Int(peer.portfolio)) {
                let product = portfolios.products[column]
                if isHeld[Int(product)] { continue }
                if levelHolders[Int(product)] == 0 { levelProducts.append(product) }
                levelHolders[Int(product)] += Int(peer.clients)
            }
        }
    }

    private mutating func forgetLevel() {
        for product in levelProducts { levelHolders[Int(product)] = 0 }
        levelProducts.removeAll(keepingCapacity: true)
    }
}
