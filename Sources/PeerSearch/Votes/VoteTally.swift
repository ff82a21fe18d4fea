internal import DistanceKernels

/// Adds up the votes of peers for the products that they hold; it owns the scratch memory of one worker.
///
/// Votes are added by level, the peers at one rounded distance, ascending. Inside a level, the clients who hold a
/// product are counted first, in whole numbers. So every sum depends on the distances and the counts alone, down to its
/// last bit: neither ids, nor rows, nor workers, nor kernels, nor the order of portfolios have a part in it.
///
///     votes(p) = Σ weight(level) · mass(level, p)
///
/// where the mass is the fraction of the level times the clients in it who hold p.
package final class VoteTally {
    /// What has been added up.
    package struct Result {
        /// The products that may have votes, each once, in any order.
        package let products: UnsafeBufferPointer<Int32>
        /// Σ weight · mass, by product.
        package let votes: UnsafePointer<Double>
        /// Σ mass, by product: how many of the peers hold it.
        package let masses: UnsafePointer<Double>
        /// Σ weight · mass of all peers: the votes that a product would have which everybody holds.
        package let total: Double
    }

    private let portfolios: Portfolios
    private let metric: DistanceMetric
    private let kernel: any DistanceKernel.Type
    /// What portfolios hold, where that is faster than their lists of products.
    private let sets: ProductSets?

    private var voters = VoterMemory()
    /// Of all levels, by product.
    private let votes: VoteSums
    private let masses: VoteSums
    /// The clients of one level, by product, and votes that nobody asks for.
    private let levelClients: VoteSums
    private let levelVotes: VoteSums
    /// The products that have votes; all products where there are sets.
    private let products: AlignedMemory<Int32>
    private var votedCount: Int
    /// The products that some client of the current level holds.
    private let levelProducts: AlignedMemory<Int32>

    /// Creates a tally without votes.
    package convenience init(index: PeerIndex) {
        self.init(index: index, sets: index.productSets)
    }

    /// Creates a tally that works with sets or, where there are none, with lists.
    init(index: PeerIndex, sets: ProductSets?) {
        portfolios = index.portfolios
        metric = index.model.distance
        kernel = index.kernel.kernel
        self.sets = sets
        let productCount = portfolios.productCount
        votes = VoteSums(memberCount: productCount)
        masses = VoteSums(memberCount: productCount)
        levelClients = VoteSums(memberCount: productCount)
        levelVotes = VoteSums(memberCount: productCount)
        // One more, which is written to and never read.
        products = AlignedMemory(copying: Array(0...Int32(productCount)))
        votedCount = sets == nil ? 0 : productCount
        levelProducts = AlignedMemory(repeating: 0, count: productCount + 1)
    }

    /// Adds up the votes of all peers of a portfolio.
    ///
    /// - Parameter peers: Peers among the portfolios of the index; may be empty.
    /// - Returns: The sums, in memory that is valid until the next call.
    /// - Complexity: O(products of all peers), divided by the lanes of the kernel where products are few.
    package func count(_ peers: PeerList) -> Result {
        forget()
        voters.load(peers, metric: metric)
        let isShared = peers.lastLevelPlaces < peers.lastLevelClients
        let fullCount = voters.levelCount - (isShared ? 1 : 0)
        var total = voters.total(ofFirst: fullCount)
        addFullLevels(voters.rounds(0..<fullCount))
        if isShared {
            let places = Double(peers.lastLevelPlaces)
            let clients = Double(peers.lastLevelClients)
            let rounds = voters.rounds(fullCount..<voters.levelCount)
            addSharedLevel(rounds) { places * $0 / clients }
            total += rounds.weights[0] * (places * clients / clients)
        }
        return Result(
            products: UnsafeBufferPointer(start: products.start, count: votedCount),
            votes: votes.scalars, masses: masses.scalars, total: total)
    }

    /// Forgets all votes.
    private func forget() {
        if sets != nil {
            votes.clear()
            masses.clear()
        } else {
            for place in 0..<votedCount {
                votes[products[place]] = 0
                masses[products[place]] = 0
            }
            votedCount = 0
        }
    }

    private func addFullLevels(_ rounds: VoteRounds) {
        if let sets {
            add(rounds, sets, votes: votes, clients: masses)
        } else {
            addLists(rounds) { $0 }
        }
    }

    /// Adds the votes of the level whose clients share fewer places than they are.
    ///
    /// - Parameter mass: The part of the places that falls to some of its clients.
    private func addSharedLevel(_ rounds: VoteRounds, mass: (_ clients: Double) -> Double) {
        guard let sets else { return addLists(rounds, mass: mass) }
        levelClients.clear()
        add(rounds, sets, votes: levelVotes, clients: levelClients)
        let weight = rounds.weights[0]
        for product in 0..<Int32(portfolios.productCount) {
            let mass = mass(levelClients[product])
            masses[product] += mass
            votes[product] += weight * mass
        }
    }

    private func add(_ rounds: VoteRounds, _ sets: ProductSets, votes: VoteSums, clients: VoteSums) {
        for word in 0..<sets.wordCount {
            kernel.addVotes(
                of: rounds, for: sets.rows, word: word, votes: votes.vectors(ofWord: word),
                clients: clients.vectors(ofWord: word))
        }
    }

    /// Adds votes by lists of products.
    @inline(__always)
    private func addLists(_ rounds: VoteRounds, mass: (_ clients: Double) -> Double) {
        portfolios.offsets.withUnsafeBufferPointer { offsets in
            portfolios.products.withUnsafeBufferPointer { held in
                var voter = rounds.start
                for level in 0..<rounds.count {
                    let (end, weight) = (Int(rounds.ends[level]), rounds.weights[level])
                    if end - voter == 1 {
                        let row = Int(rounds.rows[voter])
                        let mass = mass(rounds.clients[voter])
                        for place in offsets[row]..<offsets[row + 1] { add(mass, weight, to: held[place]) }
                    } else {
                        let count = countHolders(rounds, voter..<end, offsets, held)
                        for place in 0..<count {
                            let product = levelProducts[place]
                            add(mass(levelClients[product]), weight, to: product)
                            levelClients[product] = 0
                        }
                    }
                    voter = end
                }
            }
        }
    }

    @inline(__always)
    private func add(_ mass: Double, _ weight: Double, to product: Int32) {
        products[votedCount] = product
        // Without a branch, which could not be foreseen.
        votedCount &+= masses[product] == 0 ? 1 : 0
        masses[product] += mass
        votes[product] += weight * mass
    }

    /// Counts the clients of some voters by product.
    ///
    /// - Returns: How many products they hold; these are in `levelProducts`.
    @inline(__always)
    private func countHolders(
        _ rounds: VoteRounds, _ voters: Range<Int>, _ offsets: UnsafeBufferPointer<Int>,
        _ held: UnsafeBufferPointer<Int32>
    ) -> Int {
        var count = 0
        for voter in voters {
            let row = Int(rounds.rows[voter])
            let clients = rounds.clients[voter]
            for place in offsets[row]..<offsets[row + 1] {
                let product = held[place]
                levelProducts[count] = product
                count &+= levelClients[product] == 0 ? 1 : 0
                levelClients[product] += clients
            }
        }
        return count
    }
}
