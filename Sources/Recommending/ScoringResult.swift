public import PeerSearch

/// What scoring gives.
public struct ScoringResult: Sendable {
    /// The recommendations of all clients.
    public let recommendations: Recommendations
    /// How many clients hold each product.
    public let popularity: ProductPopularity
    /// Different portfolios.
    public let distinctPortfolios: Int
    /// The name of the kernels that the search ran on.
    public let kernelName: String
}

extension ScoringInput {
    /// Encodes, searches peers and scores: from this value to results, with no other input and no side effect.
    ///
    /// - Parameters:
    ///   - kernel: What the search runs on. Affects speed only, never the result.
    ///   - chunkSize: Portfolios per task, at least 1. Affects speed only, never the result.
    ///   - width: Tasks that compute at once, at least 1. Affects speed only, never the result.
    ///   - willSearch: Called once, when everything is encoded and trained and the search begins.
    ///   - progress: Called with the portfolios done and the portfolios in all after every chunk, never concurrently.
    /// - Throws: `PortfolioError`, ``SignalError``; `CancellationError` within a tenth of a second of a cancellation.
    public func score(
        kernel: SearchKernel = .best, chunkSize: Int = Recommender.defaultChunkSize,
        width: Int = Recommender.defaultWidth, willSearch: (Recommender) async -> Void = { _ in },
        progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws -> ScoringResult {
        let recommender = try await Recommender(self, kernel: kernel, width: width)
        await willSearch(recommender)
        let recommendations = try await recommender.recommend(chunkSize: chunkSize, width: width, progress: progress)
        return ScoringResult(
            recommendations: recommendations, popularity: recommender.popularity,
            distinctPortfolios: recommender.portfolios.count, kernelName: recommender.kernelName)
    }
}
