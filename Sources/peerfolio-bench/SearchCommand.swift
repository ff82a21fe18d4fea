import ArgumentParser
import Holdings
import PeerSearch
import Recommending

/// `peerfolio-bench search`.
struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Times the search for the peers of every client.",
        discussion: """
            Prints one JSON object: the workload, the seconds of every run and their medians. What is timed begins with \
            the holdings in memory and ends with the last list of peers; reading the file and a warm-up are not timed.

            As a worker it prints the workload, then waits for lines on standard input: "run" runs once and prints the \
            seconds, "check ROW..." prints the k-th distances of these clients.
            """)

    @OptionGroup var workload: WorkloadOptions

    @Flag(help: "Count every neighbor as a peer, not only informative ones.")
    var allNeighbors = false

    @Option(name: .customLong("row"), parsing: .upToNextOption, help: "Clients whose k-th distance is printed, too.")
    var rows: [Int] = []

    @Flag(help: "Run when told to on standard input.")
    var worker = false

    func run() async throws {
        let holdings = try WorkloadMatrix(npy: workload.matrix).holdings
        let model = PeerModel(
            encoding: workload.encoding, distance: workload.distance, k: workload.k, isInformative: !allNeighbors)
        let trial = SearchTrial(
            holdings: holdings, model: model, kernel: try .named(workload.kernel), width: workload.width,
            chunkSize: workload.chunk)
        // Enough to have every page, thread and code path touched once.
        _ = try await trial.run(portfolioLimit: 4 * workload.width * workload.chunk)
        var report = SearchReport(trial)
        if worker {
            try Benchmark.printLine(report)
            try await serve(trial)
        } else {
            for _ in 0..<workload.runs { report.runs.append(try await trial.run()) }
            report.medians = SearchReport.Medians(report.runs)
            report.kthDistances = try kthDistances(rows, trial)
            try Benchmark.printLine(report)
        }
    }

    private func serve(_ trial: SearchTrial) async throws {
        while let line = readLine() {
            let words = line.split(separator: " ")
            if words == ["run"] {
                try Benchmark.printLine(try await trial.run())
            } else if words.first == "check" {
                let rows = words.dropFirst().compactMap { Int($0) }
                try Benchmark.printLine(["kth_distances": kthDistances(rows, trial)])
            } else {
                throw ValidationError("unknown request; see --help")
            }
        }
    }

    private func kthDistances(_ rows: [Int], _ trial: SearchTrial) throws -> [Double?] {
        guard rows.allSatisfy({ (0..<trial.holdings.clientCount).contains($0) }) else {
            throw ValidationError("there is no such row")
        }
        return try trial.kthDistances(ofClients: rows)
    }
}

/// What `peerfolio-bench search` prints.
struct SearchReport: Encodable {
    /// Seconds of one part of the search: the median of all runs.
    struct Medians: Encodable {
        let encode: Double
        let index: Double
        let search: Double
        let seconds: Double

        init(_ runs: [SearchTrial.Times]) {
            encode = Benchmark.median(runs.map(\.encode))
            index = Benchmark.median(runs.map(\.index))
            search = Benchmark.median(runs.map(\.search))
            seconds = Benchmark.median(runs.map(\.seconds))
        }
    }

    let clients: Int
    let products: Int
    let holdings: Int
    let kernel: String
    let width: Int
    let chunk: Int
    let model: PeerModel
    var runs: [SearchTrial.Times] = []
    var medians: Medians?
    var kthDistances: [Double?] = []

    init(_ trial: SearchTrial) {
        clients = trial.holdings.clientCount
        products = trial.holdings.productCount
        holdings = trial.holdings.pairCount
        kernel = trial.kernel.name
        width = trial.width
        chunk = trial.chunkSize
        model = trial.model
    }
}
