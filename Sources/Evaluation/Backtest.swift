import Holdings
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
        /// Memory for what other weights of the hybrid model can be tried on, in bytes; 0 keeps nothing.
        public var tuningBytes: Int
        /// The method whose lists are kept for calibration.
        public var published: EvaluationMethod
        /// The length of these lists.
        public var topN: Int
        /// Whether lists are kept for calibration at all.
        public var keepsLists: Bool
        /// The most clients that are tested, and the most whose lists are kept; a sample where there are more.
        public var maxClients: Int
        /// What the sample and the intervals follow from.
        public var seed: UInt64
        /// What the search runs on.
        public var kernel: SearchKernel
        /// Tasks that compute at once.
        public var width: Int

        /// What tuning may remember of all windows together; of more portfolios, every second or third is taken.
        public static let mostTuningBytes = 1 << 29

        /// Creates settings.
        public init(
            model: PeerModel, hybrid: HybridModel, easeLambda: Double = 500, naiveK: Int = 50,
            methods: [EvaluationMethod] = EvaluationMethod.allCases, tuningBytes: Int = 0,
            published: EvaluationMethod = .peers,
            topN: Int = 5, keepsLists: Bool = true, maxClients: Int = 20_000, seed: UInt64 = 1,
            kernel: SearchKernel = .best, width: Int = Recommender.defaultWidth
        ) {
            self.model = model
            self.hybrid = hybrid
            self.easeLambda = easeLambda
            self.naiveK = naiveK
            self.methods = methods
            self.tuningBytes = tuningBytes
            self.published = published
            self.topN = topN
            self.keepsLists = keepsLists
            self.maxClients = maxClients
            self.seed = seed
            self.kernel = kernel
            self.width = width
        }
    }

    let window: BacktestWindow
    let settings: Settings
    let portfolios: Portfolios
    let popularity: ProductPopularity
    let index: PeerIndex
    let naiveIndex: PeerIndex?
    let models: SignalModels
    /// Whether a client's additions are looked for, by client.
    let isTested: [Bool]
    /// Whether a client's list is kept for calibration, by client.
    let isListed: [Bool]

    /// How training of the softmax model has ended; nil where no method has one.
    package var training: SoftmaxModel.Training? { models.softmax?.training }

    private var mostTuningCases: Int {
        let bytesPerCase = max(1, models.signals.count * portfolios.productCount * MemoryLayout<Double>.stride)
        return max(256, settings.tuningBytes / bytesPerCase)
    }

    /// Prepares the methods on a window's holdings.
    ///
    /// - Throws: `PortfolioError` for amounts that cannot be encoded; ``SignalError``; `CancellationError`.
    public init(_ window: BacktestWindow, settings: Settings) async throws {
        self.window = window
        self.settings = settings
        let input = ScoringInput(window, settings)
        portfolios = try Portfolios(
            encoding: input.holdings, as: input.model.encoding, attributes: input.attributes)
        popularity = ProductPopularity(of: portfolios)
        index = try PeerIndex(portfolios: portfolios, model: input.model, kernel: settings.kernel)
        var naive = input.model
        naive.k = settings.naiveK
        naive.isInformative = false
        naiveIndex =
            settings.methods.contains(.naiveKNN)
            ? try PeerIndex(portfolios: portfolios, model: naive, kernel: settings.kernel) : nil
        var signals = Set(settings.methods.compactMap(\.signal))
        if settings.methods.contains(.hybrid) {
            // Weights that are 0 now may be tried later.
            signals.formUnion(settings.hybrid.signals)
            if settings.tuningBytes > 0 { signals.formUnion(WeightSearch.signals) }
        }
        models = try await SignalModels(
            signals, portfolios: portfolios, popularity: popularity,
            context: input.context, model: input.model, kernel: settings.kernel, width: settings.width)
        let tested = (0..<window.added.count).filter { !window.added[$0].isEmpty }
        isTested = Self.sample(tested, of: window.added.count, settings)
        let holders = portfolios.clients.map { Int($0) }.sorted()
        let listed = settings.keepsLists && window.kind == .temporal ? holders : []
        isListed = Self.sample(listed, of: window.added.count, settings)
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
        let tuningStride = 1 + portfolios.count / mostTuningCases
        var sample = BacktestSample(
            window: window, methods: settings.methods, catalogSize: popularity.ranking.count, seed: settings.seed)
        let work = ChunkedWork(
            itemCount: portfolios.count, chunkSize: Recommender.defaultChunkSize, width: settings.width)
        try await work.run {
            PortfolioRanker(self)
        } compute: { ranker, chunk in
            try rank(portfolios[chunk], tuningStride: tuningStride, with: &ranker)
        } collect: { part, done in
            sample.add(part)
            progress(done, portfolios.count)
        }
        sample.finish()
        return sample
    }

    /// Ranks the products of a chunk of portfolios for those of their clients who are looked at.
    private func rank(
        _ chunk: ArraySlice<Int32>, tuningStride: Int, with ranker: inout PortfolioRanker
    ) throws -> BacktestSample.Part {
        var part = BacktestSample.Part()
        for (place, portfolio) in zip(chunk.indices, chunk) {
            let isTuning = settings.tuningBytes > 0 && place.isMultiple(of: tuningStride)
            try ranker.rank(Int(portfolio), isTuning: isTuning, into: &part)
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

extension ScoringInput {
    /// What a backtest scores: the clients of its window as of its first day, whatever policy says today.
    fileprivate init(_ window: BacktestWindow, _ settings: Backtest.Settings) {
        self.init(
            holdings: window.holdings, attributes: window.attributes, model: settings.model, topN: settings.topN,
            hybrid: settings.hybrid,
            context: SignalContext(
                recent: window.recent, segmentOfClient: window.segmentOfClient, easeLambda: settings.easeLambda))
    }
}
