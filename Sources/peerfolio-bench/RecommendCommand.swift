import ArgumentParser
import Holdings
import PeerSearch
import Recommending

/// `peerfolio-bench recommend`.
struct RecommendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recommend", abstract: "Times what a run computes: the encoding, the search and the votes.",
        discussion: """
            Prints one JSON object: the seconds of every run and their medians. What is timed begins with the holdings \
            in memory and ends with every client's recommendations; reading the file and a first run are not timed.
            """)

    @Argument(help: "Amounts, clients x products: a NumPy file of float32 in C order.")
    var matrix: String

    @Option(help: "How amounts become a vector.")
    var encoding = Encoding.share

    @Option(help: "How the distance is measured.")
    var distance = DistanceMetric.cosine

    @Option(help: "Peers per client.")
    var k = 200

    @Option(help: "Workers.")
    var width = 2

    @Option(help: "Distinct portfolios per unit of work.")
    var chunk = Recommender.defaultChunkSize

    @Option(help: "Timed runs.")
    var runs = 5

    @Option(help: "baseline, avx2 or avx512; the best that this processor can run by default.")
    var kernel = SearchKernel.best.name

    func validate() throws {
        guard k >= 1, width >= 1, chunk >= 1, runs >= 1 else {
            throw ValidationError("k, width, chunk and runs must be at least 1")
        }
    }

    func run() async throws {
        let holdings = try WorkloadMatrix(npy: matrix).holdings
        let model = PeerModel(encoding: encoding, distance: distance, k: k)
        let input = ScoringInput(holdings: holdings, model: model, topN: 5)
        let kernel = try SearchKernel.named(kernel)
        _ = try await times(input, kernel)
        var report = RecommendReport()
        for _ in 0..<runs { report.runs.append(try await times(input, kernel)) }
        report.encode = Benchmark.median(report.runs.map(\.encode))
        report.search = Benchmark.median(report.runs.map(\.search))
        report.score = Benchmark.median(report.runs.map(\.score))
        report.seconds = Benchmark.median(report.runs.map(\.seconds))
        try Benchmark.printLine(report)
    }

    private func times(_ input: ScoringInput, _ kernel: SearchKernel) async throws -> RecommendReport.Times {
        let clock = ContinuousClock()
        let start = clock.now
        var encoded = start
        let result = try await input.score(
            kernel: kernel, chunkSize: chunk, width: width, willSearch: { encoded = clock.now })
        let end = clock.now
        return RecommendReport.Times(
            encode: (encoded - start) / .seconds(1), search: result.recommendations.searchTime / .seconds(1),
            score: result.recommendations.scoreTime / .seconds(1), seconds: (end - start) / .seconds(1))
    }
}

/// What `peerfolio-bench recommend` prints.
private struct RecommendReport: Encodable {
    /// Seconds of one run.
    struct Times: Encodable {
        /// Until the search begins.
        let encode: Double
        /// Searching, of all workers together.
        let search: Double
        /// Counting votes and choosing products, of all workers together.
        let score: Double
        /// All of it, by the clock on the wall.
        let seconds: Double
    }

    var runs: [Times] = []
    var encode = 0.0
    var search = 0.0
    var score = 0.0
    var seconds = 0.0
}
