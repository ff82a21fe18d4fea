import Holdings
package import PeerSearch

/// The clients who have lately added something, to be searched for peers whose votes are what they have added.
package struct RecentPeers: Sendable {
    let index: PeerIndex
    /// What the clients of each portfolio have added, and how many of them each product.
    private let additions: GroupedLists<(product: Int32, clients: Int32)>

    /// Prepares the search.
    ///
    /// - Parameters:
    ///   - portfolios: The distinct portfolios of all clients.
    ///   - recent: What clients have lately added.
    ///   - model: What counts as a peer; always informative here, since a twin has nothing to teach.
    ///   - kernel: What the search runs on.
    /// - Throws: `CancellationError`.
    package init(
        _ portfolios: Portfolios, recent: RecentAdditions, model: PeerModel, kernel: SearchKernel
    ) throws {
        var model = model
        model.isInformative = true
        let voters = portfolios.counting { !recent.additions[Int($0)].isEmpty }
        index = try PeerIndex(portfolios: voters, model: model, kernel: kernel)
        var additions = GroupedLists<(product: Int32, clients: Int32)>()
        for portfolio in 0..<voters.count {
            var counts: [Int32: Int32] = [:]
            for client in voters.clients(of: portfolio) {
                for product in recent.additions[Int(client)] { counts[product, default: 0] += 1 }
            }
            additions.append(counts.sorted { $0.key < $1.key }.map { (product: $0.key, clients: $0.value) })
        }
        self.additions = additions
    }

    /// The weighted share of the peers who have added each product, as ``VoteCounter`` computes that of holders.
    ///
    /// - Parameters:
    ///   - scores: Receives one score per product; 0 where nobody has added it.
    ///   - scratch: Memory of the worker, as earlier peers have left it.
    func score(_ peers: PeerList, into scores: inout [Double], using scratch: inout Scratch) {
        scores.reset(count: scores.count)
        if scratch.levelClients.isEmpty { scratch.levelClients = [Int](repeating: 0, count: scores.count) }
        var total = 0.0
        for level in peers.levels {
            let weight = index.model.distance.weight(ofDistance: level.distance)
            total += weight * level.mass(ofClients: level.clients)
            for peer in peers.peers[level.range] {
                for added in additions[Int(peer.portfolio)] {
                    if scratch.levelClients[Int(added.product)] == 0 { scratch.levelProducts.append(added.product) }
                    scratch.levelClients[Int(added.product)] += Int(added.clients)
                }
            }
            // One addition per product and level: the order of the products changes no sum.
            for product in scratch.levelProducts {
                scores[Int(product)] += weight * level.mass(ofClients: scratch.levelClients[Int(product)])
                scratch.levelClients[Int(product)] = 0
            }
            scratch.levelProducts.removeAll(keepingCapacity: true)
        }
        guard total > 0 else { return }
        for product in scores.indices { scores[product] /= total }
    }

    /// Memory of one worker.
    struct Scratch {
        /// Clients of the current level who have added a product, by product, and the products for which it is not 0.
        fileprivate var levelClients: [Int] = []
        fileprivate var levelProducts: [Int32] = []
    }
}
