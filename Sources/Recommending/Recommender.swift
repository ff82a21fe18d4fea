import CProcessor
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
    public static var defaultWidth: Int { Int(processor_count()) }

    /// The distinct portfolios.
    public let portfolios: Portfolios
    /// How many clients hold each product.
    public let popularity: ProductPopularity

    /// The name of the kernels that the search runs on, for the run's summary.
    public var kernelName: String { index.kernel.name }

    /// How training of the softmax model has ended; nil without one.
    package var training: SoftmaxModel.Training? { hybrid?.models.softmax?.training }

    let index: PeerIndex
    let audiences: Audiences
    let selector: RowSelector
    let components: ProductComponents?
    let hybrid: HybridSignals?

    /// Prepares the search.
    ///
    /// - Parameters:
    ///   - input: What is scored; may be without clients.
    ///   - kernel: What the search runs on. Affects speed only, never the result.
    ///   - width: Tasks that compute at once, at least 1. Affects speed only, never the result.
    /// - Throws: `PortfolioError` for amounts that cannot be encoded; ``SignalError`` for a hybrid model with EASE and
    ///   a λ that is too small; `CancellationError` within a tenth of a second of a cancellation, at a million portfolios.
    public init(_ input: ScoringInput, kernel: SearchKernel = .best, width: Int = defaultWidth) async throws {
        let portfolios = try await Portfolios(
            encoding: input.holdings, as: input.model.encoding, attributes: input.attributes, width: width)
        let popularity = ProductPopularity(of: portfolios)
        self.portfolios = portfolios
        self.popularity = popularity
        components = input.components
        index = try await PeerIndex(portfolios: portfolios, model: input.model, kernel: kernel, width: width)
        var hybrid: HybridSignals?
        if let model = input.hybrid {
            let models = try await SignalModels(
                Set(model.signals), portfolios: portfolios, popularity: popularity, context: input.context,
                model: input.model, kernel: kernel, width: width)
            hybrid = HybridSignals(model: model, models: models, segmentOfClient: input.context.segmentOfClient)
        }
        self.hybrid = hybrid
        selector = RowSelector(
            policy: input.policy, popularity: popularity, topN: input.topN, signals: hybrid?.models.signals ?? [],
            incumbents: input.incumbents)
        audiences = Audiences(of: portfolios, policy: input.policy, incumbents: input.incumbents) {
            hybrid?.segment(of: $0) ?? -1
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
        let order = index.order
        var results = ListResults()
        results.reserve(lists: audiences.count, rowsPerList: min(selector.topN, portfolios.productCount))
        let work = ChunkedWork(itemCount: order.count, chunkSize: chunkSize, width: width)
        try await work.run {
            PortfolioScorer(self)
        } compute: { scorer, chunk in
            (chunk: chunk, results: try scorer.score(chunk: order[chunk]))
        } collect: { part, done in
            results.place(part.results, at: order[part.chunk].lazy.flatMap { audiences.lists(of: Int($0)) })
            progress(done, order.count)
        }
        try Task.checkCancellation()
        // Clients who hold nothing, for whom there was nothing to search.
        var withoutPortfolio = ListResults()
        for list in audiences.lists(of: nil) {
            selector.appendList(
                for: audiences[list], held: [], peers: nil, candidates: [], scores: nil, to: &withoutPortfolio)
        }
        results.place(withoutPortfolio, at: audiences.lists(of: nil))
        return Recommendations(results, audiences: audiences, signals: selector.signals)
    }
}
