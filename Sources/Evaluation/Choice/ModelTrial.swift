import Holdings

/// How well candidates have ranked for the clients of one window, client by client.
public struct ModelTrial: Sendable {
    /// nDCG@10 of each client, by candidate; clients in one order for all of them.
    let metrics: [[Double]]
    /// What resamples follow from.
    let seed: UInt64

    /// - Precondition: All candidates have as many clients.
    init(metrics: [[Double]], seed: UInt64) {
        precondition(Set(metrics.map(\.count)).count <= 1, "candidates were tried on different clients")
        self.metrics = metrics
        self.seed = seed
    }

    /// Collects what backtests of one window have seen, each of which ranked by one candidate alone.
    ///
    /// - Precondition: They are of the same window, with the same seed.
    public init(_ samples: [BacktestSample]) {
        self.init(metrics: samples.map(\.primaryMetric), seed: samples.first?.seed ?? 0)
    }

    /// Clients who were tested.
    public var clientCount: Int { metrics.first?.count ?? 0 }

    /// The clients in two halves: what is chosen on one is judged on the other.
    ///
    /// A client's half follows from the seed and from its place among those who were tested.
    public var halves: (ModelTrial, ModelTrial) {
        let isFirst = (0..<clientCount).map { client in
            // A stream that neither folds nor samples use.
            var random = SplitMix64(seed: seed ^ 0x9E37_79B9_7F4A_7C15, stream: UInt64(client))
            return random.next(below: 2) == 0
        }
        func half(_ first: Bool) -> ModelTrial {
            ModelTrial(
                metrics: metrics.map { row in row.indices.filter { isFirst[$0] == first }.map { row[$0] } }, seed: seed)
        }
        return (half(true), half(false))
    }

    /// The mean of each candidate, and of each in every resample of the clients.
    ///
    /// - Throws: `CancellationError` within a few milliseconds of a cancellation.
    func columns() throws -> [ResampledFigures.Column] {
        let width = metrics.count
        var rows = [Double](repeating: 0, count: width * clientCount)
        for (candidate, row) in metrics.enumerated() {
            for (client, value) in row.enumerated() { rows[client * width + candidate] = value }
        }
        let resampling = Resampling(clientCount: clientCount, seed: seed)
        var counts = [Double](repeating: 1, count: clientCount)
        let values = resampling.means(of: rows, columnCount: width, counts: counts)
        var replicates = metrics.map { _ in [Double]() }
        for replicate in 0..<Resampling.replicateCount {
            try Task.checkCancellation()
            resampling.draw(replicate, into: &counts)
            let means = resampling.means(of: rows, columnCount: width, counts: counts)
            for (candidate, mean) in means.enumerated() { replicates[candidate].append(mean) }
        }
        return zip(values, replicates).map { ResampledFigures.Column(value: $0, replicates: $1) }
    }
}

extension BacktestSample {
    /// What methods are compared by, of each tested client, by the only method.
    fileprivate var primaryMetric: [Double] {
        let place = Metric.byClient.firstIndex(of: .primary) ?? 0
        return clients.indices.map { metrics[$0 * columnCount + place] }
    }
}
