import Configuration
import Evaluation
import Postgres
import Recommending
import ResultStore

/// Grades a run by a backtest of its own before it is published.
///
/// One product of each client of one fold is hidden, and the model that made the run is to find it, beside popularity.
/// That needs no history, so the first run of a new installation can be graded as well. It cannot tell what recency is
/// worth, since a product that was added long ago is hidden as often as a new one: recency takes no part in it.
struct PublicationGate {
    private let installation: Installation
    private let progress: RunProgress

    init(_ installation: Installation, _ progress: RunProgress) {
        self.installation = installation
        self.progress = progress
    }

    /// Grades.
    ///
    /// - Parameter input: What the run was computed from.
    /// - Returns: Nothing when `publish.gate` is off.
    /// - Throws: `PortfolioError`, `SignalError`; `CancellationError`.
    func grade(_ input: RunInput) async throws -> GradedRun? {
        let configuration = installation.configuration
        guard configuration.publish.isGated else { return nil }
        let hybrid = configuration.hybrid.model?.withoutRecency ?? .standard
        guard !hybrid.weights.isEmpty else {
            return GradedRun(
                grade: nil, reason: "a model of recent additions alone cannot be graded by hidden products",
                record: nil,
                keeping: configuration.retention.runs)
        }
        let clock = ContinuousClock()
        let start = clock.now
        let method = configuration.publishedMethod
        let settings = installation.backtestSettings(hybrid: hybrid, methods: [method, .popularity], window: 0)
        let backtest = try await Backtest(HistoryReader.leaveOneOut(input.source, fold: 0), settings: settings)
        if let training = backtest.training { progress.send(.trained(TrainedModel(training))) }
        let sample = try await backtest.run()
        let tables = try await EvaluationTables([sample], method: method)
        let grade = Grade(tables.overall, of: method)
        let record = tables.record(configuration, duration: clock.now - start)
        return GradedRun(
            grade: grade, reason: Self.words(grade, tables.overall, method),
            record: tables.overall.clients > 0 ? record : nil, keeping: configuration.retention.runs)
    }

    private static func words(_ grade: Grade?, _ table: QualityTable, _ method: EvaluationMethod) -> String {
        guard grade != nil, let difference = table.difference(method, against: .popularity)?.metrics[.primary] else {
            return "\(table.clients) clients could be tested; a grade takes \(Grade.leastClients)"
        }
        func fixed(_ number: Double) -> String { NumberFormat.terminal.fixed(number, 4) }
        return
            "\(method.rawValue) is \(Verdict(difference).wordsBeforeBaseline) popularity in the run's own backtest: \(Metric.primary)"
            + " differs by \(fixed(difference.value)) (\(fixed(difference.low)) to \(fixed(difference.high))),"
            + " \(table.clients) clients with one hidden product each"
    }
}

/// What the gate says of a run.
struct GradedRun: Sendable {
    /// The grade; nothing when the run could not be graded.
    let grade: Grade?
    /// The grade in words and figures.
    let reason: String
    /// The figures of the backtest; nothing when nobody could be tested.
    let record: EvaluationRecord?
    /// Evaluations to keep.
    let keeping: Int

    /// Records grade and figures.
    ///
    /// - Throws: `RunError.fenceLost` when the run has lost its channel; `PostgresError`.
    func record(_ lease: RunLease, session: Session) throws {
        try EvaluationLog(session).recordGrade(grade, reason: reason, lease)
        guard var record else { return }
        record.runID = lease.runID
        try EvaluationLog(session).store(record, keeping: keeping)
    }
}
