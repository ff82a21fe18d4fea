public import PeerSearch
public import Recommending

/// Ranks the products of one window by every method, and looks at what the clients have added.
///
/// Clients are ranked by the code that a run scores them with. What a run leaves out for policy's sake stays in: policy
/// says what may be offered today, not what was wanted then.
public struct Backtest: Sendable {
    /// What is compared, and how.
    public struct Settings: Sendable {
        /// What counts as a peer.
        public var model: PeerModel
        /// The hybrid model.
        public var hybrid: HybridModel
        /// λ of EASE, as a baseline and as a signal.
        public var easeLambda: Double
        /// Neighbors of the naive baseline.
        public var naiveK: Int
        /// Methods to compare.
        public var methods: [EvaluationMethod]
        /// Keeps what other weights of the hybrid model can be tried on.
        public var tunes: Bool
        /// The method whose lists are kept for calibration.
        public var published: EvaluationMethod
        /// The length of these lists.
        public var topN: Int
        /// The most clients that are tested, and the most whose lists are kept; a sample where there are more.
        public var maxClients: Int
        /// What the sample and the intervals follow from.
        public var seed: UInt64
        /// What the search runs on.
        public var kernel: SearchKernel
        /// Tasks that compute at once.
        public var width: Int

        /// Creates settings.
        public init(
            model: PeerModel, hybrid: HybridModel, easeLambda: Double = 500, naiveK: Int = 50,
            methods: [EvaluationMethod] = EvaluationMethod.allCases, tunes: Bool = false,
            published: EvaluationMethod = .peers,
            topN: Int = 5, maxClients: Int = 20_000, seed: UInt64 = 1, kernel: SearchKernel = .best,
            width: Int = Recommender.defaultWidth
        ) {
            self.model = model
            self.hybrid = hybrid
            self.easeLambda = easeLambda
            self.naiveK = naiveK
            self.methods = methods
            self.tunes = tunes
            self.published = published
            self.topN = topN
            self.maxClients = maxClients
            self.seed = seed
            self.kernel = kernel
            self.width = width
        }
    }

    private let window: BacktestWindow
    private let settings: Settings
    private let portfolios: Portfolios
    private let popularity: ProductPopularity
    private let index: PeerIndex
    private let naiveIndex: PeerIndex?
    private let models: SignalModels
    private let isTested: [Bool]
    private let isListed: [Bool]

    /// Prepares the methods on a window's holdings.
    ///
    /// - Throws: `PortfolioError` for amounts that cannot be encoded; ``ItemMatrixError``; `CancellationError`.
    public init(_ window: BacktestWindow, settings: Settings) throws {
        self.window = window
        self.settings = settings
        portfolios = try Portfolios(
            encoding: window.holdings, as: settings.model.encoding, attributes: window.attributes)
        popularity = ProductPopularity(of: portfolios)
        index = try PeerIndex(portfolios: portfolios, model: settings.model, kernel: settings.kernel)
        var naive = settings.model
        naive.k = settings.naiveK
        naive.isInformative = false
        naiveIndex =
            settings.methods.contains(.naiveKNN)
            ? try PeerIndex(portfolios: portfolios, model: naive, kernel: settings.kernel) : nil
        var signals = Set(settings.methods.compactMap(\.signal))
        if settings.methods.contains(.hybrid) {
            // Weights that are 0 now may be tried later.
            signals.formUnion(settings.tunes ? Signal.allCases : settings.hybrid.signals)
        }
        models = try SignalModels(
            signals, portfolios: portfolios, popularity: popularity,
            context: SignalContext(
                recent: window.recent, segmentOfClient: window.segmentOfClient, easeLambda: settings.easeLambda),
            model: settings.model, kernel: settings.kernel)
        let tested = (0..<window.added.clientCount).filter { !window.added[$0].isEmpty }
        isTested = Self.sample(tested, of: window.added.clientCount, settings)
        let holders = portfolios.clients.map { Int($0) }.sorted()
        isListed = Self.sample(window.kind == .temporal ? holders : [], of: window.added.clientCount, settings)
    }

    /// Ranks, and compares with what was added.
    ///
    /// - Parameter progress: Called with the portfolios done and in all, never concurrently.
    /// - Throws: `CancellationError` within a few milliseconds of a cancellation.
    public func run(
        progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws -> BacktestSample {
        let portfolios = index.order.filter { portfolio in
            self.portfolios.clients(of: Int(portfolio)).contains { isTested[Int($0)] || isListed[Int($0)] }
        }
        let chunkSize = Recommender.defaultChunkSize
        var sample = BacktestSample(
            window: window, methods: settings.methods, catalogSize: popularity.ranking.count, seed: settings.seed)
        try await withThrowingTaskGroup(of: BacktestSample.Part.self) { group in
            var start = 0
            var done = 0
            func startNext() {
                guard start < portfolios.count else { return }
                let chunk = portfolios[start..<min(start + chunkSize, portfolios.count)]
                start += chunkSize
                group.addTask { try rank(chunk) }
            }
            for _ in 0..<settings.width { startNext() }
            while let part = try await group.next() {
                startNext()
                sample.add(part)
                done += part.portfolioCount
                progress(done, portfolios.count)
            }
        }
        sample.finish()
        return sample
    }

    /// Ranks the products of a chunk of portfolios for those of their clients who are looked at.
    private func rank(_ chunk: ArraySlice<Int32>) throws -> BacktestSample.Part {
        var part = BacktestSample.Part(portfolioCount: chunk.count)
        var scorer = SignalScorer(index: index, popularity: popularity, models: models)
        var naive = naiveIndex.map { SignalScorer(index: $0, popularity: popularity) }
        var ranking = RankedGroups()
        for portfolio in chunk.lazy.map({ Int($0) }) {
            let clients = portfolios.clients(of: portfolio)
            let peers = try scorer.peers(of: portfolio)
            let candidates = scorer.candidates(of: portfolio, peers: peers)
            var isRanked = [Bool](repeating: false, count: portfolios.productCount)
            for product in popularity.ranking { isRanked[Int(product)] = true }
            for product in portfolios.products(of: portfolio) { isRanked[Int(product)] = false }
            let isAnyTested = clients.contains { isTested[Int($0)] }
            let naiveScores = isAnyTested ? try naive?.score(portfolio) ?? [] : []
            // Clients of one segment have the same scores.
            let bySegment = Dictionary(grouping: clients.filter { isTested[Int($0)] || isListed[Int($0)] }) { client in
                models.usesSegments ? window.segmentOfClient?[Int(client)] ?? -1 : -1
            }
            for (segment, clients) in bySegment.sorted(by: { $0.key < $1.key }) {
                let tested = clients.filter { isTested[Int($0)] }
                let scores = try scorer.score(
                    models.signals, portfolio: portfolio, segment: segment, candidates: candidates)
                for (place, method) in settings.methods.enumerated()
                where method == settings.published || !tested.isEmpty {
                    var methodScores =
                        if let signal = method.signal {
                            scores[signal]
                        } else if method == .hybrid {
                            settings.hybrid.fuse(
                                scores, isLaunched: models.recent?.isLaunched, isRanked: { isRanked[$0] })
                        } else {
                            naiveScores
                        }
                    for product in methodScores.indices where !isRanked[product] { methodScores[product] = .nan }
                    ranking.rank(scores: methodScores, depth: Metric.cutoffs.max() ?? 0)
                    for client in tested {
                        part.add(
                            ranking, scores: methodScores, method: place, client: client,
                            added: window.added[Int(client)])
                    }
                    if method == settings.published {
                        let list = BacktestSample.list(methodScores, popularity: popularity, topN: settings.topN)
                        for client in clients where isListed[Int(client)] {
                            part.add(list, client: client, added: window.added[Int(client)])
                        }
                    }
                }
                if settings.tunes, !tested.isEmpty {
                    part.cases.append(
                        TuningCase(
                            scores: scores, isRanked: isRanked,
                            added: tested.map { (client: $0, products: Array(window.added[Int($0)])) }))
                }
            }
        }
        return part
    }

    /// Marks clients, no more than are to be looked at.
    private static func sample(_ clients: [Int], of clientCount: Int, _ settings: Settings) -> [Bool] {
        var isChosen = [Bool](repeating: false, count: clientCount)
        var chosen = clients
        if clients.count > settings.maxClients {
            let keys = clients.map { client -> UInt64 in
                // A stream that no fold and no resample uses.
                var random = SplitMix64(seed: ~settings.seed, stream: UInt64(client))
                return random.next()
            }
            chosen = clients.indices.sorted { (keys[$0], clients[$0]) < (keys[$1], clients[$1]) }
                .prefix(settings.maxClients).map { clients[$0] }
        }
        for client in chosen { isChosen[client] = true }
        return isChosen
    }
}

extension EvaluationMethod {
    /// The signal that the method ranks by, when it is a single one of today's model.
    fileprivate var signal: Signal? {
        switch self {
        case .peers: .peers
        case .popularity: .popularity
        case .itemConditional: .itemConditional
        case .ease: .ease
        case .hybrid, .naiveKNN: nil
        }
    }
}

extension SignalScorer {
    /// The scores of all products by the votes of a portfolio's peers.
    fileprivate mutating func score(_ portfolio: Int) throws -> [Double] {
        let candidates = candidates(of: portfolio, peers: try peers(of: portfolio))
        return try score([.peers], portfolio: portfolio, segment: -1, candidates: candidates)[.peers]
    }
}
