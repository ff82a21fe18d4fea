package import PeerSearch

/// Everything that signals are computed from and that is the same for all clients, the search for peers apart.
package struct SignalModels: Sendable {
    /// What is known beside today's holdings.
    package struct Context: Sendable {
        /// Clients who have lately added each product, by product; nothing where no earlier holdings are known.
        package var recentAdditions: [Int]?
        /// The segment of every client, from 0, -1 for unknown; nothing where no segments are mapped.
        package var segmentOfClient: [Int32]?
        /// λ of EASE.
        package var easeLambda: Double

        /// Creates a context.
        package init(recentAdditions: [Int]? = nil, segmentOfClient: [Int32]? = nil, easeLambda: Double = 500) {
            self.recentAdditions = recentAdditions
            self.segmentOfClient = segmentOfClient
            self.easeLambda = easeLambda
        }
    }

    /// Whether the segment of a client changes any score.
    package var usesSegments: Bool { segmentRates != nil }

    let popularity: ProductPopularity
    let segmentOfClient: [Int32]?
    private let itemConditional: ItemMatrix?
    private let ease: ItemMatrix?
    private let recentRates: [Double]?
    /// Shares of the holders in each segment, row after row.
    private let segmentRates: [Double]?

    /// Prepares signals.
    ///
    /// - Parameters:
    ///   - signals: Those that are wanted; nothing is computed for the others.
    ///   - portfolios: Distinct portfolios.
    ///   - popularity: Their holders.
    ///   - context: What is known beside them.
    /// - Throws: ``ItemMatrixError``; `CancellationError`.
    package init(
        _ signals: Set<Signal>, portfolios: Portfolios, popularity: ProductPopularity, context: Context
    ) throws {
        self.popularity = popularity
        let coOccurrence =
            signals.isDisjoint(with: [.itemConditional, .ease])
            ? nil : try CoOccurrence(of: portfolios, popularity: popularity)
        itemConditional = signals.contains(.itemConditional) ? coOccurrence.map(ItemMatrix.itemConditional) : nil
        ease =
            signals.contains(.ease)
            ? try coOccurrence.map { try ItemMatrix.ease($0, lambda: context.easeLambda) } : nil
        let clients = Double(max(1, portfolios.clientsWithPortfolio))
        recentRates = context.recentAdditions.map { $0.map { min(1, Double($0) / clients) } }
        segmentOfClient = signals.contains(.segmentPopularity) ? context.segmentOfClient : nil
        segmentRates = segmentOfClient.map { Self.holderShares(portfolios, segmentOfClient: $0) }
    }

    /// Scores every product by a signal other than peers, with 0 where nothing is known.
    ///
    /// - Parameters:
    ///   - signal: Any signal but `peers`.
    ///   - held: What the client holds.
    ///   - segment: The client's segment, -1 for unknown: popularity among all clients then.
    ///   - scores: Receives one score per product, those that are held included.
    func score(_ signal: Signal, held: ArraySlice<Int32>, segment: Int32, into scores: inout [Double]) {
        switch signal {
        case .itemConditional: itemConditional?.score(held: held, into: &scores)
        case .ease: ease?.score(held: held, into: &scores)
        case .recentPopularity: if let recentRates { scores = recentRates }
        case .segmentPopularity where segment >= 0:
            guard let segmentRates else { return }
            let start = Int(segment) * scores.count
            for product in scores.indices { scores[product] = segmentRates[start + product] }
        case .popularity, .segmentPopularity:
            for product in scores.indices { scores[product] = popularity.baseRate(of: Int32(product)) }
        case .peers: preconditionFailure("peers are searched for")
        }
    }

    private static func holderShares(_ portfolios: Portfolios, segmentOfClient: [Int32]) -> [Double] {
        let segmentCount = Int(segmentOfClient.max() ?? -1) + 1
        let productCount = portfolios.productCount
        var holders = [Double](repeating: 0, count: segmentCount * productCount)
        var clients = [Double](repeating: 0, count: segmentCount)
        for portfolio in 0..<portfolios.count {
            for client in portfolios.clients(of: portfolio) {
                let segment = Int(segmentOfClient[Int(client)])
                if segment < 0 { continue }
                clients[segment] += 1
                for product in portfolios.products(of: portfolio) {
                    holders[segment * productCount + Int(product)] += 1
                }
            }
        }
        for segment in 0..<segmentCount where clients[segment] > 0 {
            for product in 0..<productCount { holders[segment * productCount + product] /= clients[segment] }
        }
        return holders
    }
}
