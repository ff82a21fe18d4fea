import Holdings
package import PeerSearch

/// Everything that signals are computed from and that is the same for all clients, the search for peers apart.
package struct SignalModels: Sendable {
    /// Whether the segment of a client changes any score.
    package var usesSegments: Bool { segmentRates != nil }

    /// The signals that something is known of, in the order of `Signal.allCases`.
    package let signals: [Signal]
    /// What clients have lately added; nothing where that is not known.
    package let recent: RecentAdditions?
    let recentPeers: RecentPeers?
    package let softmax: SoftmaxModel?
    let popularity: ProductPopularity
    private let matrices: [Signal: ItemMatrix]
    private let baseRates: [Double]
    private let recentRates: [Double]
    /// Shares of the holders in each segment, row after row.
    private let segmentRates: [Double]?

    /// Prepares signals.
    ///
    /// - Parameters:
    ///   - wanted: The signals that are wanted; those that nothing is known of are left out.
    ///   - portfolios: Distinct portfolios.
    ///   - popularity: Their holders.
    ///   - context: What is known beside them.
    ///   - model: What counts as a peer.
    ///   - kernel: What the search for peers who have lately added something runs on.
    ///   - width: Tasks that compute at once, at least 1. Affects speed only, never the result.
    /// - Throws: ``SignalError``; `CancellationError`.
    package init(
        _ wanted: Set<Signal>, portfolios: Portfolios, popularity: ProductPopularity, context: SignalContext,
        model: PeerModel, kernel: SearchKernel, width: Int = Recommender.defaultWidth
    ) async throws {
        let needsRecent: Set<Signal> = [.recentPopularity, .recentPeers, .recentItemConditional, .recentEASE]
        var known = wanted
        if context.recent == nil { known.subtract(needsRecent) }
        if context.segmentOfClient == nil { known.remove(.segmentPopularity) }
        signals = Signal.allCases.filter(known.contains)
        self.popularity = popularity
        recent = known.isDisjoint(with: needsRecent) ? nil : context.recent
        recentPeers =
            known.contains(.recentPeers)
            ? try recent.map { try RecentPeers(portfolios, recent: $0, model: model, kernel: kernel) } : nil
        matrices = try await Self.matrices(
            known, portfolios, popularity, recent, lambda: context.easeLambda, width: width)
        softmax =
            known.contains(.softmax)
            ? try await SoftmaxModel(portfolios, popularity: popularity, width: width) : nil
        if let training = softmax?.training, !training.isConverged {
            throw SignalError.unfinishedTraining(iterations: training.iterations)
        }
        baseRates = popularity.holders.indices.map { popularity.baseRate(of: Int32($0)) }
        recentRates = recent.map { Self.rates(of: $0, clients: portfolios.clientsWithPortfolio) } ?? []
        segmentRates =
            known.contains(.segmentPopularity)
            ? context.segmentOfClient.map { Self.holderShares(portfolios, segmentOfClient: $0) } : nil
    }

    /// Scores every product by a signal for which no search is needed.
    ///
    /// - Parameters:
    ///   - signal: One of ``signals`` that needs neither a search nor attributes.
    ///   - held: What the client holds.
    ///   - segment: The client's segment, -1 for unknown: popularity among all clients then.
    ///   - scores: Receives one score per product, 0...1, those that are held included.
    func score(_ signal: Signal, held: ArraySlice<Int32>, segment: Int32, into scores: inout [Double]) {
        switch signal {
        case .itemConditional, .ease, .recentItemConditional, .recentEASE:
            matrices[signal]?.score(held: held, into: &scores)
        case .recentPopularity: scores.copy(recentRates[...])
        case .segmentPopularity where segment >= 0:
            let start = Int(segment) * scores.count
            if let segmentRates { scores.copy(segmentRates[start..<start + scores.count]) }
        case .popularity, .segmentPopularity: scores.copy(baseRates[...])
        case .peers, .recentPeers, .softmax: preconditionFailure("a portfolio's scorer knows")
        }
    }

    private static func matrices(
        _ signals: Set<Signal>, _ portfolios: Portfolios, _ popularity: ProductPopularity, _ recent: RecentAdditions?,
        lambda: Double, width: Int
    ) async throws -> [Signal: ItemMatrix] {
        guard !signals.isDisjoint(with: [.itemConditional, .ease, .recentItemConditional, .recentEASE]) else {
            return [:]
        }
        let coOccurrence = try CoOccurrence(of: portfolios, popularity: popularity)
        let additions = try recent.map { try coOccurrence.additions($0, of: portfolios) }
        var matrices: [Signal: ItemMatrix] = [:]
        if signals.contains(.itemConditional) {
            matrices[.itemConditional] = .itemConditional(coOccurrence, targets: coOccurrence.clients)
        }
        if signals.contains(.recentItemConditional), let additions {
            matrices[.recentItemConditional] = .itemConditional(coOccurrence, targets: additions)
        }
        guard !signals.isDisjoint(with: [.ease, .recentEASE]) else { return matrices }
        let inverse = try await ItemMatrix.inverse(coOccurrence, lambda: lambda, width: width)
        if signals.contains(.ease) {
            matrices[.ease] = try await .ease(coOccurrence, inverse: inverse, targets: nil, width: width)
        }
        if signals.contains(.recentEASE), let additions {
            matrices[.recentEASE] = try await .ease(
                coOccurrence, inverse: inverse, targets: additions, width: width)
        }
        return matrices
    }

    private static func rates(of recent: RecentAdditions, clients: Int) -> [Double] {
        var rates = [Double](repeating: 0, count: recent.isLaunched.count)
        for client in 0..<recent.additions.count {
            for product in recent.additions[client] { rates[Int(product)] += 1 }
        }
        return rates.map { $0 / Double(max(1, clients)) }
    }

    private static func holderShares(_ portfolios: Portfolios, segmentOfClient: [Int32]) -> [Double] {
        let segmentCount = Int(segmentOfClient.max() ?? -1) + 1
        let productCount = portfolios.productCount
        var shares = [Double](repeating: 0, count: segmentCount * productCount)
        var clients = [Double](repeating: 0, count: segmentCount)
        for portfolio in 0..<portfolios.count {
            for segment in portfolios.clients(of: portfolio).map({ Int(segmentOfClient[Int($0)]) }) where segment >= 0 {
                clients[segment] += 1
                for product in portfolios.products(of: portfolio) { shares[segment * productCount + Int(product)] += 1 }
            }
        }
        for segment in 0..<segmentCount where clients[segment] > 0 {
            for place in segment * productCount..<(segment + 1) * productCount { shares[place] /= clients[segment] }
        }
        return shares
    }
}
