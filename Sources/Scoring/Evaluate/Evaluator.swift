import Evaluation
import PeerSearch
import Postgres
import Recommending
import Schema
import Warehouse

/// Measures on history what recommendations are worth: what `evaluate` shows.
public struct Evaluator: Sendable {
    /// What an evaluation tells while it goes on.
    public enum Event: Sendable {
        /// Rows read so far from one of the sources.
        case reading(rows: Int)
        /// Portfolios ranked, of those in a window; windows from 1.
        case ranking(window: Int, of: Int, done: Int, total: Int)
        /// Weights are being tried.
        case tuning(window: Int, of: Int)
        /// Intervals are being computed.
        case resampling
        /// Something that does not change the result.
        case note(String)
    }

    private let service: Service
    private let options: EvaluationOptions
    private let onEvent: @Sendable (Event) -> Void

    private var configuration: ServiceConfiguration { service.configuration }

    /// Creates an evaluator.
    ///
    /// - Parameters:
    ///   - service: Configuration and connections.
    ///   - options: What the caller asks for.
    ///   - onEvent: Told what goes on.
    public init(
        _ service: Service, options: EvaluationOptions, onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.service = service
        self.options = options
        self.onEvent = onEvent
    }

    /// Evaluates.
    ///
    /// - Returns: The figures.
    /// - Throws: ``EvaluationError``; `SourceError`, `SchemaError`, `PostgresError`, `PortfolioError`;
    ///   `ItemMatrixError`; `CancellationError`.
    public func evaluate() async throws -> EvaluationReport {
        let clock = ContinuousClock()
        let start = clock.now
        let isStored = try await mayStore()
        let windows = try await service.withSession { session in
            let reader = HistoryReader(service: service) { onEvent(.reading(rows: $0)) }
            return try reader.windows(options.history, session)
        }
        guard !options.tunes || windows.count > 1 else {
            throw EvaluationError(
                .nothingToTuneOn,
                "weights are tuned on earlier windows and measured on the last one; give --train, --test and --windows of"
                    + " at least 2")
        }
        noteUndatedClients()
        let needsHistory = configuration.hybrid.model?.needsHistory ?? false
        let isOfConfiguration = !options.tunes || configuration.publishedMethod == .peers
        var samples: [BacktestSample] = []
        var models: [HybridModel] = []
        for (number, window) in windows.enumerated() {
            // What is compared while no hybrid model is configured must be one that could be.
            var model =
                configuration.hybrid.model
                ?? (configuration.source.holdings.isDated ? .standard : HybridModel.standard.withoutRecency)
            if options.tunes, !samples.isEmpty {
                onEvent(.tuning(window: number + 1, of: windows.count))
                model = try await WeightSearch(samples, from: model).best()
            }
            models.append(model)
            // All windows together remember no more than one would alone.
            let tuningBytes = options.tunes ? Backtest.Settings.mostTuningBytes / windows.count : 0
            let settings = service.backtestSettings(hybrid: model, tuningBytes: tuningBytes, window: number)
            let sample = try await Backtest(window, settings: settings).run { done, total in
                onEvent(.ranking(window: number + 1, of: windows.count, done: done, total: total))
            }
            samples.append(sample)
        }
        onEvent(.resampling)
        let tables = try await Tables(
            samples, method: configuration.publishedMethod,
            // Scores by other weights are not those that the configuration publishes; nor are those without history.
            calibratedOn: isOfConfiguration
                ? samples.filter { !needsHistory || $0.knowsRecentAdditions } : [])
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
        if !isOfConfiguration {
            onEvent(.note("not stored: the weights that were tried are not those of the configuration"))
        } else if isStored {
            report.evaluationID = try await store(record)
        }
        return report
    }

    /// Says that the past may have been ranked on what only the present knows.
    private func noteUndatedClients() {
        guard case .dates = options.history, let clients = configuration.source.clients,
            clients.segment != nil || !clients.attributes.isEmpty, !clients.source.isDated
        else { return }
        onEvent(
            .note(
                "segments and attributes of clients are those of today in every window, since clients have no dates;"
                    + " where they follow from what clients bought later, figures are too good: use clients.query"
                    + " with :as_of"))
    }

    /// Whether figures will be stored: asked before hours of computing, not after.
    ///
    /// - Throws: ``EvaluationError`` when the role lacks the rights for it; `SchemaError` when the schema is not this
    ///   program's.
    private func mayStore() async throws -> Bool {
        guard options.stores else { return false }
        return try await service.withSession { session in
            let lacksRights = EvaluationError(
                .rights,
                "this role may not store figures in the schema peerfolio; GRANT peerfolio_runner to it, or use --no-store"
            )
            do {
                guard try service.migrator.installedTypes(session) != nil else {
                    onEvent(.note("not stored: peerfolio migrate up has not been run in this database"))
                    return false
                }
                try service.verifySchema(try service.plan(asOf: nil, session), session)
                guard try EvaluationLog.mayStore(session: session) else { throw lacksRights }
                return true
            } catch let error as PostgresError where error.sqlState == "42501" {
                throw lacksRights
            }
        }
    }

    private func store(_ record: EvaluationRecord) async throws -> Int64 {
        try await service.withSession { session in
            try EvaluationLog.store(record, keeping: configuration.retention.runs, session: session)
        }
    }
}

/// Everything that samples are summed up to.
struct Tables {
    let kind: BacktestWindow.Kind
    let method: EvaluationMethod
    let overall: QualityTable
    /// Empty for leave-one-out.
    let windows: [EvaluationRecord.Window]
    let segments: [(name: String, table: QualityTable)]
    let calibration: Calibration?

    /// Sums up samples, windows and segments side by side.
    ///
    /// - Parameters:
    ///   - samples: One per window, at least one.
    ///   - method: What the configuration publishes.
    ///   - calibratedOn: The samples whose scores are those that the configuration would give.
    /// - Throws: `CancellationError`.
    init(
        _ samples: [BacktestSample], method: EvaluationMethod, calibratedOn: [BacktestSample] = []
    ) async throws {
        kind = samples.first?.kind ?? .temporal
        self.method = method
        let names = [nil] + Self.largestSegments(of: samples).map(Optional.some)
        let figures = try await Self.figures(of: samples, segments: names)
        overall = QualityTable(figures[0].compactMap(\.self))
        windows =
            kind == .leaveOneOut
            ? []
            : zip(1..., zip(samples, figures[0])).map { number, window in
                EvaluationRecord.Window(
                    number: number, trainDate: window.0.trainDate, testDate: window.0.testDate,
                    table: QualityTable([window.1].compactMap(\.self)))
            }
        segments = zip(names, figures).compactMap { name, figures in
            let table = QualityTable(figures.compactMap(\.self))
            return name.flatMap { table.clients == 0 ? nil : ($0, table) }
        }
        calibration = Calibration(calibratedOn, method: method)
    }

    /// The fewest tested clients of a segment that is shown: figures of fewer say little, and too much about somebody.
    private static let leastSegmentClients = 20
    /// The most segments that are shown.
    private static let mostSegments = 100

    /// The segments with the most tested clients, by name.
    private static func largestSegments(of samples: [BacktestSample]) -> [String] {
        var clients: [String: Int] = [:]
        for sample in samples { clients.merge(sample.testedClientsBySegment, uniquingKeysWith: +) }
        return clients.filter { $0.value >= leastSegmentClients }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(mostSegments).map(\.key).sorted()
    }

    /// The figures of each segment, nil standing for all clients, in each sample.
    private static func figures(
        of samples: [BacktestSample], segments: [String?]
    ) async throws -> [[ResampledFigures?]] {
        try await withThrowingTaskGroup(of: (segment: Int, window: Int, figures: ResampledFigures?).self) { group in
            for (place, segment) in segments.enumerated() {
                for (window, sample) in samples.enumerated() {
                    group.addTask { (place, window, try ResampledFigures(sample, segment: segment)) }
                }
            }
            var all = segments.map { _ in samples.map { _ in ResampledFigures?.none } }
            for try await (segment, window, figures) in group { all[segment][window] = figures }
            return all
        }
    }

    /// What is stored of them.
    func record(
        _ configuration: ServiceConfiguration, runID: Int64? = nil, duration: Duration
    ) -> EvaluationRecord {
        let mean = EvaluationRecord.Window(
            number: 0, trainDate: nil, testDate: nil, table: overall, segments: segments)
        return EvaluationRecord(
            channel: configuration.publish.channel, runID: runID, kind: kind,
            configJSON: configuration.recordedJSON(), modelJSON: configuration.modelJSON(), publishedMethod: method,
            windows: [mean] + windows, calibration: calibration, duration: duration, programVersion: Service.version)
    }
}

extension ServiceConfiguration {
    /// What a run publishes.
    var publishedMethod: EvaluationMethod { hybrid.model == nil ? .peers : .hybrid }
}

extension Service {
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
