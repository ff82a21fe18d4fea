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

    @OptionGroup var workload: WorkloadOptions

    func run() async throws {
        let holdings = try WorkloadMatrix(npy: workload.matrix).holdings
        let model = PeerModel(encoding: workload.encoding, distance: workload.distance, k: workload.k)
        let input = ScoringInput(holdings: holdings, model: model, topN: 5)
        let kernel = try SearchKernel.named(workload.kernel)
        _ = try await times(input, kernel)
        var report = RecommendReport()
        for _ in 0..<workload.runs { report.runs.append(try await times(input, kernel)) }
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
            kernel: kernel, chunkSize: workload.chunk, width: workload.width, willSearch: { _ in encoded = clock.now })
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
