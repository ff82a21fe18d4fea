import Foundation
public import PeerSearch

/// Finds peers and recommendations for every client.
///
/// The result is the same, bit for bit, for every chunk size and every width, and for any order of the source's rows.
public struct Recommender: Sendable {
    /// Portfolios that a task scores before it reports: a few milliseconds of work at 30,000 x 31, so that the window
    /// stays busy and a cancellation or another task need not wait.
    public static let defaultChunkSize = 64

    /// Tasks that compute at once by default: one per processor.
    public static var defaultWidth: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// The name of the kernels that the search runs on, for the run's summary.
    public static var kernelName: String { PeerIndex.kernelName }

    /// The distinct portfolios.
    public let portfolios: Portfolios
    /// How many clients hold each product.
    public let popularity: ProductPopularity

    let index: PeerIndex
    let selector: RowSelector

    /// Prepares the search.
    ///
    /// - Parameters:
    ///   - portfolios: Distinct portfolios in the encoding of `model`; may be empty.
    ///   - model: What counts as a peer.
    ///   - policy: What must not be offered.
    ///   - topN: Products per client, at least 1.
    /// - Precondition: The policy is about the clients and products of the portfolios.
    public init(portfolios: Portfolios, model: PeerModel, policy: Policy, topN: Int) {
        precondition(topN >= 1, "topN must be at least 1")
        precondition(policy.clientCount == portfolios.clientCount, "the policy is about other clients")
        precondition(policy.productCount == portfolios.productCount, "the policy is about other products")
        self.portfolios = portfolios
        popularity = ProductPopularity(of: portfolios)
        index = PeerIndex(portfolios: portfolios, model: model)
        selector = RowSelector(policy: policy, popularity: popularity, topN: topN)
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
        try await withThrowingTaskGroup(of: (Int, ChunkResult).self) { group in
            var nextChunk = 0
            var done = 0
            func startNext() {
                let start = nextChunk * chunkSize
                guard start < total else { return }
                let number = nextChunk
                nextChunk += 1
                group.addTask {
                    var scorer = PortfolioScorer(index: index, selector: selector)
                    return (number, try scorer.score(chunk: start..<min(start + chunkSize, total)))
                }
            }
            for _ in 0..<width { startNext() }
            while let (number, result) = try await group.next() {
                startNext()
                collector.add(result, number: number)
                done += min(chunkSize, total - number * chunkSize)
                progress(done, total)
            }
        }
        try Task.checkCancellation()
        return collector.finish(selector: selector)
    }
}
