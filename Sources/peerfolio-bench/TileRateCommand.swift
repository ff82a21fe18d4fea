import ArgumentParser
import PeerSearch

/// `peerfolio-bench tile-rate`.
struct TileRateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tile-rate", abstract: "Measures how fast the kernels' dense tile is by itself.",
        discussion: "Prints one JSON object: GFLOP/s of all workers together, of every run and their median.")

    @Option(help: "Workers, each with its own data.")
    var width = 2

    @Option(help: "Timed runs.")
    var runs = 5

    @Option(help: "baseline, avx2 or avx512; the best that this processor can run by default.")
    var kernel = SearchKernel.best.name

    func validate() throws {
        guard width >= 1, runs >= 1 else { throw ValidationError("width and runs must be at least 1") }
    }

    func run() async throws {
        // Long enough for starting the workers not to count; it is also the warm-up.
        var repetitions = 1
        let kernel = try SearchKernel.named(kernel)
        while await seconds(kernel, repetitions: repetitions).elapsed < 0.25 { repetitions *= 2 }
        var report = TileRateReport(kernel: kernel.name, width: width)
        for _ in 0..<runs {
            let (elapsed, operations) = await seconds(kernel, repetitions: repetitions)
            report.runs.append(operations / elapsed / 1e9)
        }
        report.gflops = Benchmark.median(report.runs)
        try Benchmark.printLine(report)
    }

    private func seconds(_ kernel: SearchKernel, repetitions: Int) async -> (elapsed: Double, operations: Double) {
        let clock = ContinuousClock()
        let start = clock.now
        let operations = await withTaskGroup(of: Double.self) { group in
            for _ in 0..<width {
                group.addTask { TileRate.runTile(kernel.kernel, repetitions: repetitions) }
            }
            return await group.reduce(0, +)
        }
        return ((clock.now - start) / .seconds(1), operations)
    }
}

/// What `peerfolio-bench tile-rate` prints.
private struct TileRateReport: Encodable {
    let kernel: String
    let width: Int
    var runs: [Double] = []
    var gflops = 0.0
}
