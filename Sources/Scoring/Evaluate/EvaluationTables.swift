import Configuration
import Evaluation
import ResultStore

/// Everything that samples are summed up to.
struct EvaluationTables {
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
            windows: [mean] + windows, calibration: calibration, duration: duration,
            programVersion: Installation.version)
    }
}
