import Foundation
public import PeerSearch

/// Finds peers and recommendations for every client.
///
/// The result is the same, bit for bit, for every chunk size and every width, and for any order of the source's rows.
public struct Recommender: Sendable {
    /// Portfolios that a task scores before it reports.
    ///
    /// A few milliseconds of work at 30,000 x 31. A search begins anew with every chunk, which costs as much as a few
    /// portfolios.
    public static let defaultChunkSize = 256

    /// Tasks that compute at once by default: one per processor.
    public static var defaultWidth: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// The distinct portfolios.
    public let portfolios: Portfolios
    /// How many clients hold each product.
    public let popularity: ProductPopularity

    /// The name of the kernels that the search runs on, for the run's summary.
    public var kernelName: String { index.kernel.name }

    let index: PeerIndex
    let selector: RowSelector
    let components: ProductComponents?
    let hybrid: HybridSignals?

    /// Prepares the search.
    ///
    /// - Parameters:
    ///   - portfolios: Distinct portfolios in the encoding of `model`; may be empty.
    ///   - model: What counts as a peer.
    ///   - policy: What must not be offered.
    ///   - topN: Products per client, at least 1.
    ///   - components: What products are made of; nothing when all are scored by votes alone.
    ///   - hybrid: How scores are made of several signals; nothing where peers alone decide.
    ///   - context: What is known beside the portfolios, for the signals of `hybrid`.
    ///   - incumbents: What clients were suggested before; nothing when that does not matter.
    ///   - kernel: What the search runs on. Affects speed only, never the result.
    /// - Throws: ``ItemMatrixError`` for a hybrid model with EASE and a λ that is too small; `CancellationError` within a tenth of a second of a cancellation, at a million portfolios.
    /// - Precondition: The policy is about the clients and products of the portfolios.
    public init(
        portfolios: Portfolios, model: PeerModel, policy: Policy, topN: Int, components: ProductComponents? = nil,
        hybrid: HybridModel? = nil, context: SignalContext = SignalContext(),
        incumbents: Incumbents? = nil, kernel: SearchKernel = .best
    ) throws {
        precondition(topN >= 1, "topN must be at least 1")
        precondition(policy.clientCount == portfolios.clientCount, "the policy is about other clients")
        precondition(policy.productCount == portfolios.productCount, "the policy is about other products")
        precondition(
            incumbents.map { $0.clientCount == portfolios.clientCount } ?? true, "the incumbents are of other clients")
        self.portfolios = portfolios
        self.components = components
        let popularity = ProductPopularity(of: portfolios)
        self.popularity = popularity
        index = try PeerIndex(portfolios: portfolios, model: model, kernel: kernel)
        selector = RowSelector(
            policy: policy, popularity: popularity, topN: topN, isHybrid: hybrid != nil, incumbents: incumbents)
        self.hybrid = try hybrid.map { hybrid in
            let models = try SignalModels(
                Set(hybrid.signals), portfolios: portfolios, popularity: popularity, context: context, model: model,
                kernel: kernel)
            return HybridSignals(model: hybrid, models: models, segmentOfClient: context.segmentOfClient)
        }
    }

    /// Scores every client.
    ///
    /// - Parameters:
    ///   - chunkSize: Portfolios per task, at least 1. Affects speed only, never the result.
    ///   - width: Tasks that compute at once, at least 1. Affects speed only, never the result.
    ///   - progress: Called with the portfolios done and the portfolios in all after every chunk, never concurrently.
    /// - Returns: The recommendations of all clients.
    /// - Throws: `CancellationError` within a few milliseconds of a cancellation.
    /// - Complexity: O(n²) in the number of distinct portfolios, in small constants; nothing of that size is stored.
    public func recommend(
        chunkSize: Int = defaultChunkSize,
        width: Int = defaultWidth,
        progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws -> Recommendations {
        precondition(chunkSize >= 1 && width >= 1, "chunkSize and width must be at least 1")
        let total = portfolios.count
        var collector = RecommendationCollector(portfolios: portfolios)
        try await withThrowingTaskGroup(of: ChunkResult.self) { group in
            var nextChunk = 0
            var done = 0
            func startNext() {
                let start = nextChunk * chunkSize
                guard start < total else { return }
                nextChunk += 1
                group.addTask {
                    var scorer = PortfolioScorer(
                        index: index, selector: selector, components: components, hybrid: hybrid)
                    return try scorer.score(chunk: index.order[start..<min(start + chunkSize, total)])
                }
            }
            for _ in 0..<width { startNext() }
            while let result = try await group.next() {
                startNext()
                collector.add(result)
                done += result.portfolioCount
                progress(done, total)
            }
        }
        try Task.checkCancellation()
        return collector.finish(selector: selector)
    }
}
