import Holdings

/// The figures of one window, and those of its resamples.
public struct ResampledFigures: Sendable {
    /// A figure, and its value in each resample.
    struct Column: Sendable {
        var value: Double
        var replicates: [Double]

        init(value: Double, replicates: [Double]) {
            self.value = value
            self.replicates = replicates
        }

        /// The mean of the columns of several windows.
        init(mean columns: [Column]) {
            let count = Double(columns.count)
            value = columns.reduce(0) { $0 + $1.value } / count
            replicates = (columns.first?.replicates ?? []).indices.map { replicate in
                columns.reduce(0) { $0 + $1.replicates[replicate] } / count
            }
        }

        /// The figure with its interval, which never leaves the figure out: where nearly all resamples agree, it may lie
        /// a little beyond them.
        var estimate: Estimate {
            let interval = Estimate(value: value, replicates: replicates)
            return Estimate(value: value, low: min(value, interval.low), high: max(value, interval.high))
        }

        static func - (left: Column, right: Column) -> Column {
            Column(
                value: left.value - right.value,
                replicates: zip(left.replicates, right.replicates).map { $0 - $1 })
        }
    }

    let methods: [EvaluationMethod]
    let clientCount: Int
    let pairCount: Int
    let includesCatalog: Bool
    private let values: [Double]
    private let replicates: [[Double]]
    /// By method.
    private let catalogValues: [[Double]]
    private let catalogReplicates: [[[Double]]]

    /// Resamples a window.
    ///
    /// - Parameters:
    ///   - sample: What a backtest has seen.
    ///   - segment: Counts only the clients of a segment, by its name; nothing for all. Coverage and inequality belong to
    ///     all clients together and are left out then.
    /// - Returns: Nothing when none of these clients was tested.
    /// - Throws: `CancellationError` within a few milliseconds of a cancellation.
    /// - Complexity: O(resamples x clients x methods).
    public init?(_ sample: BacktestSample, segment: String? = nil) throws {
        methods = sample.methods
        includesCatalog = segment == nil
        let segmentIndex = segment.map { name in sample.segments.firstIndex(of: name).map(Int32.init) ?? -2 }
        let width = sample.columnCount
        var rows: [Double] = []
        var pairs = 0
        for (row, client) in sample.clients.enumerated() {
            if let segmentIndex, sample.window.segmentOfClient?[Int(client)] != segmentIndex { continue }
            rows.append(contentsOf: sample.metrics[row * width..<(row + 1) * width])
            pairs += sample.window.added[Int(client)].count
        }
        clientCount = width == 0 ? 0 : rows.count / width
        pairCount = pairs
        guard clientCount > 0 else { return nil }
        let resampling = Resampling(clientCount: clientCount, seed: sample.seed)
        let everybody = [Double](repeating: 1, count: clientCount)
        values = resampling.means(of: rows, columnCount: width, counts: everybody)
        var counts = everybody
        var replicates: [[Double]] = []
        let catalogs =
            segment != nil
            ? []
            : sample.exposures.map { exposures in
                CatalogMetrics(
                    exposures, productCount: sample.window.holdings.productCount, catalogSize: sample.catalogSize)
            }
        catalogValues = catalogs.map { $0.values(counts: everybody) }
        var catalogReplicates = catalogs.map { _ in [[Double]]() }
        for replicate in 0..<Resampling.replicateCount {
            try Task.checkCancellation()
            resampling.draw(replicate, into: &counts)
            replicates.append(resampling.means(of: rows, columnCount: width, counts: counts))
            if replicate < Resampling.catalogReplicateCount {
                for (method, catalog) in catalogs.enumerated() {
                    catalogReplicates[method].append(catalog.values(counts: counts))
                }
            }
        }
        self.replicates = replicates
        self.catalogReplicates = catalogReplicates
    }

    func column(method: Int, _ metric: Metric) -> Column {
        if let place = Metric.byClient.firstIndex(of: metric) {
            let column = method * ClientMetrics.columnCount + place
            return Column(value: values[column], replicates: replicates.map { $0[column] })
        }
        let place = Metric.ofCatalog.firstIndex(of: metric) ?? 0
        // A resample has fewer different clients, who are shown fewer products: the spread of its figures is right, and
        // their middle is not.
        let replicates = catalogReplicates[method].map { $0[place] }
        let value = catalogValues[method][place]
        let bias = value - replicates.reduce(0, +) / Double(max(1, replicates.count))
        return Column(value: value, replicates: replicates.map { min(1, max(0, $0 + bias)) })
    }
}
