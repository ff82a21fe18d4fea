import Configuration
import Evaluation
import Recommending
import ResultStore
import Schema
import SourceReading

/// Measures on history what recommendations are worth: what `evaluate` shows.
public struct Evaluator: Sendable {
    /// What an evaluation tells while it goes on.
    public enum Event: Sendable {
        /// Rows read so far from one of the sources.
        case reading(rows: Int)
        /// Portfolios ranked, of those in a window; windows from 1.
        case ranking(window: Int, of: Int, done: Int, total: Int)
        /// A model has been trained on a window.
        case trained(TrainedModel)
        /// Weights are being tried.
        case tuning(window: Int, of: Int)
        /// A model is being tried on all windows; models from 1.
        case trying(String, number: Int, of: Int)
        /// Intervals are being computed.
        case resampling
        /// Something that does not change the result.
        case note(String)
    }

    let installation: Installation
    let options: EvaluationOptions
    let onEvent: @Sendable (Event) -> Void

    var configuration: ServiceConfiguration { installation.configuration }

    /// Creates an evaluator.
    ///
    /// - Parameters:
    ///   - installation: Configuration and connections.
    ///   - options: What the caller asks for.
    ///   - onEvent: Told what goes on.
    public init(
        _ installation: Installation, options: EvaluationOptions,
        onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.installation = installation
        self.options = options
        self.onEvent = onEvent
    }

    /// Evaluates.
    ///
    /// - Returns: The figures.
    /// - Throws: ``EvaluationError``; `SourceError`, `SchemaError`, `PostgresError`, `PortfolioError`;
    ///   `SignalError`; `CancellationError`.
    public func evaluate() async throws -> EvaluationReport {
        let clock = ContinuousClock()
        let start = clock.now
        // Weights that are tried are not those of a configuration that has some: nothing is said of what it publishes.
        let isOfConfiguration = !options.tunes || configuration.publishedMethod == .peers
        let isStored = isOfConfiguration ? try await mayStore() : false
        let windows = try await readWindows()
        let (samples, models) = try await rank(windows)
        onEvent(.resampling)
        let tables = try await EvaluationTables(
            samples, method: configuration.publishedMethod,
            calibratedOn: isOfConfiguration ? samples.filter(isScoredAsPublished) : [])
        let duration = clock.now - start
        let record = tables.record(configuration, duration: duration)
        var report = EvaluationReport(
            kind: record.kind.rawValue, publishedMethod: record.publishedMethod.rawValue,
            figures: .init(tables.overall),
            windows: zip(tables.windows, models).map { window, model in
                .init(
                    train: window.trainDate, test: window.testDate, hybrid: .init(model: model),
                    figures: .init(window.table))
            },
            segments: Dictionary(uniqueKeysWithValues: tables.segments.map { ($0.name, .init($0.table)) }),
            calibration: tables.calibration.map(EvaluationReport.Reliability.init),
            tuned: options.tunes ? models.last.map(EvaluationReport.Weights.init) : nil,
            grade: isOfConfiguration ? Grade(tables.overall, of: record.publishedMethod) : nil,
            durationMS: Int(duration / .milliseconds(1)))
        if isStored { report.evaluationID = try await store(record) }
        if !isOfConfiguration, options.stores {
            onEvent(.note("not stored: the weights that were tried are not those of the configuration"))
        }
        return report
    }

    private func readWindows() async throws -> [BacktestWindow] {
        let windows = try await readHistory()
        guard !options.tunes || windows.count > 1 else {
            throw EvaluationError(
                .nothingToTuneOn,
                "weights are tuned on earlier windows and measured on the last one; give --train, --test and --windows of"
                    + " at least 2")
        }
        return windows
    }

    /// The windows of the history that the caller asks for.
    func readHistory() async throws -> [BacktestWindow] {
        let windows = try await installation.withSession { session in
            let reader = HistoryReader(installation: installation) { onEvent(.reading(rows: $0)) }
            return try reader.windows(options.history, session)
        }
        noteUndatedClients()
        return windows
    }

    /// Ranks each window, when weights are tuned with those that were found on the windows before it.
    ///
    /// - Returns: What was seen, and the hybrid model of each window.
    private func rank(_ windows: [BacktestWindow]) async throws -> (samples: [BacktestSample], models: [HybridModel]) {
        // What is compared while no hybrid model is configured must be one that could be.
        let start =
            configuration.hybrid.model
            ?? (configuration.source.holdings.isDated ? .standard : HybridModel.standard.withoutRecency)
        // All windows together remember no more than one would alone.
        let tuningBytes = options.tunes ? Backtest.Settings.mostTuningBytes / windows.count : 0
        var samples: [BacktestSample] = []
        var models: [HybridModel] = []
        for (number, window) in windows.enumerated() {
            var model = start
            if options.tunes, !samples.isEmpty {
                onEvent(.tuning(window: number + 1, of: windows.count))
                model = try await WeightSearch(samples, from: start).best()
            }
            models.append(model)
            let settings = installation.backtestSettings(hybrid: model, tuningBytes: tuningBytes, window: number)
            let backtest = try await Backtest(window, settings: settings)
            if let training = backtest.training { onEvent(.trained(TrainedModel(training))) }
            samples.append(
                try await backtest.run { done, total in
                    onEvent(.ranking(window: number + 1, of: windows.count, done: done, total: total))
                })
        }
        return (samples, models)
    }

    /// Whether a window's scores are on the scale of those that runs write: a model that asks for what was lately added
    /// has another one where that is not known.
    private func isScoredAsPublished(_ sample: BacktestSample) -> Bool {
        sample.knowsRecentAdditions || !(configuration.hybrid.model?.needsHistory ?? false)
    }

    /// Says that the past may have been ranked on what only the present knows.
    private func noteUndatedClients() {
        let usesSegments = options.tunes || configuration.hybrid.model?.weights[.segmentPopularity] != nil
        guard case .dates = options.history, let clients = configuration.source.clients, !clients.source.isDated,
            !clients.attributes.isEmpty || (usesSegments && clients.segment != nil)
        else { return }
        onEvent(
            .note(
                "segments and attributes of clients are those of today in every window, since clients have no dates;"
                    + " where they follow from what clients bought later, figures are too good: use clients.query"
                    + " with :as_of"))
    }

    /// Whether figures will be stored: asked before all is computed, not after.
    ///
    /// - Throws: ``EvaluationError`` when the role lacks the rights for it; `SchemaError` when the schema is not this
    ///   program's.
    private func mayStore() async throws -> Bool {
        guard options.stores else { return false }
        return try await installation.withSession { session in
            guard try installation.migrator.installedTypes(session) != nil else {
                onEvent(.note("not stored: peerfolio migrate up has not been run in this database"))
                return false
            }
            let missing = try RightsReview(session).ownRights(RunnerRights.storingEvaluations)
            guard missing.isEmpty else {
                throw EvaluationError(.rights, "\(missing.message); or use --no-store")
            }
            try installation.verifySchema(try installation.plan(asOf: nil, session), session)
            return true
        }
    }

    private func store(_ record: EvaluationRecord) async throws -> Int64 {
        try await installation.withSession { session in
            try EvaluationLog(session).store(record, keeping: configuration.retention.runs)
        }
    }
}

extension ServiceConfiguration {
    /// What a run publishes.
    var publishedMethod: EvaluationMethod { hybrid.model == nil ? .peers : .hybrid }
}

extension Installation {
    /// How windows are ranked under this configuration.
    ///
    /// - Parameters:
    ///   - hybrid: The hybrid model to rank with.
    ///   - methods: The methods to compare.
    ///   - tuningBytes: Memory for what other weights are to be tried on; 0 when none are.
    ///   - window: The window's number; samples of different windows are drawn independently.
    func backtestSettings(
        hybrid: HybridModel, methods: [EvaluationMethod] = EvaluationMethod.allCases, tuningBytes: Int = 0,
        window: Int
    ) -> Backtest.Settings {
        Backtest.Settings(
            model: configuration.model, hybrid: hybrid, easeLambda: configuration.evaluate.easeLambda,
            naiveK: configuration.evaluate.naiveK, methods: methods, tuningBytes: tuningBytes,
            published: configuration.publishedMethod, topN: configuration.output.topN,
            maxClients: configuration.evaluate.maxClients, seed: HistoryReader.seed &+ UInt64(window), kernel: kernel,
            width: configuration.execution.width ?? Recommender.defaultWidth)
    }
}
