import PeerSearch
import Recommending

/// What the methods are worth: every metric of every method with its interval, and how the models compare with the
/// baselines.
///
/// Over several windows, a figure is the mean of the windows' figures, and so is each of its replicates.
public struct QualityTable: Sendable {
    /// How much better a model is than another method, client by client.
    public struct Difference: Sendable {
        /// The model.
        public let method: EvaluationMethod
        /// What it is compared with.
        public let baseline: EvaluationMethod
        /// The model's figure minus the baseline's, by metric.
        public let metrics: [Metric: Estimate]
    }

    /// Tested clients, in all windows together.
    public let clients: Int
    /// Pairs of clients and products that were to be found.
    public let pairs: Int
    /// The figures.
    public let methods: [EvaluationMethod: [Metric: Estimate]]
    /// The baseline with the best nDCG@10.
    public let bestBaseline: EvaluationMethod?
    /// Each model against the best baseline, and against popularity where that is another one.
    public let differences: [Difference]

    /// Sums up samples.
    ///
    /// - Parameters:
    ///   - samples: One per window, with the same methods. Those without tested clients do not count.
    ///   - segment: Counts only the clients of a segment, by its name; nothing for all. Coverage and inequality belong to
    ///     all clients together and are left out then.
    public init(_ samples: [BacktestSample], segment: String? = nil) {
        let includesCatalog = segment == nil
        let methods = samples.first?.methods ?? []
        let replicates = samples.compactMap { sample in
            WindowReplicates(sample, segment: segment, includesCatalog: includesCatalog)
        }
        clients = replicates.reduce(0) { $0 + $1.clientCount }
        pairs = replicates.reduce(0) { $0 + $1.pairCount }
        guard !replicates.isEmpty else {
            (self.methods, bestBaseline, differences) = ([:], nil, [])
            return
        }
        func column(_ method: Int, _ metric: Metric) -> Column {
            Column(mean: replicates.map { $0.column(method: method, metric) })
        }
        let metrics = includesCatalog ? Metric.all : Metric.byClient
        var figures: [EvaluationMethod: [Metric: Estimate]] = [:]
        for (place, method) in methods.enumerated() {
            for metric in metrics { figures[method, default: [:]][metric] = column(place, metric).estimate }
        }
        self.methods = figures
        let best = EvaluationMethod.baselines.filter(methods.contains).max { left, right in
            (figures[left]?[.primary]?.value ?? 0) < (figures[right]?[.primary]?.value ?? 0)
        }
        bestBaseline = best
        var differences: [Difference] = []
        for model in EvaluationMethod.models {
            guard let place = methods.firstIndex(of: model) else { continue }
            for baseline in [best, best == .popularity ? nil : .popularity] {
                guard let baseline, let other = methods.firstIndex(of: baseline) else { continue }
                let compared = Metric.byClient.map { ($0, (column(place, $0) - column(other, $0)).estimate) }
                differences.append(
                    Difference(
                        method: model, baseline: baseline,
                        metrics: Dictionary(uniqueKeysWithValues: compared)))
            }
        }
        self.differences = differences
    }

    /// How much better a model is than a baseline.
    public func difference(_ method: EvaluationMethod, against baseline: EvaluationMethod) -> Difference? {
        differences.first { $0.method == method && $0.baseline == baseline }
    }
}

/// A figure, and its value in each resample.
private struct Column {
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

    var estimate: Estimate { Estimate(value: value, replicates: replicates) }

    static func - (left: Column, right: Column) -> Column {
        Column(
            value: left.value - right.value,
            replicates: zip(left.replicates, right.replicates).map { $0 - $1 })
    }
}

/// The figures of one window, and those of its resamples.
private struct WindowReplicates {
    let clientCount: Int
    let pairCount: Int
    private let values: [Double]
    private let replicates: [[Double]]
    /// By method.
    private let catalogValues: [[Double]]
    private let catalogReplicates: [[[Double]]]

    /// Nil without tested clients.
    init?(_ sample: BacktestSample, segment: String?, includesCatalog: Bool) {
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
            !includesCatalog
            ? []
            : sample.exposures.map { exposures in
                CatalogMetrics(
                    exposures, productCount: sample.window.holdings.productCount, catalogSize: sample.catalogSize)
            }
        catalogValues = catalogs.map { $0.values(counts: everybody) }
        var catalogReplicates = catalogs.map { _ in [[Double]]() }
        for replicate in 0..<Resampling.replicateCount {
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
        let bias = catalogValues[method][place] - replicates.reduce(0, +) / Double(max(1, replicates.count))
        return Column(value: catalogValues[method][place], replicates: replicates.map { min(1, max(0, $0 + bias)) })
    }
}
