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

    /// Sums up the figures of windows.
    ///
    /// - Parameter windows: One per window, with the same methods and of the same clients: all, or those of one segment.
    ///   None gives a table without figures.
    public init(_ windows: [ResampledFigures]) {
        let methods = windows.first?.methods ?? []
        clients = windows.reduce(0) { $0 + $1.clientCount }
        pairs = windows.reduce(0) { $0 + $1.pairCount }
        guard let first = windows.first else {
            (self.methods, bestBaseline, differences) = ([:], nil, [])
            return
        }
        func column(_ method: Int, _ metric: Metric) -> ResampledFigures.Column {
            ResampledFigures.Column(mean: windows.map { $0.column(method: method, metric) })
        }
        let metrics = first.includesCatalog ? Metric.all : Metric.byClient
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
