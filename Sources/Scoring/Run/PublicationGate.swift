import Evaluation
import Foundation
import Postgres
import Recommending
import Warehouse

/// Grades a run by a backtest of its own before it is published.
///
/// One product of each client of one fold is hidden, and the model that made the run is to find it, beside popularity.
/// That needs no history, so the first run of a new installation can be graded as well.
struct PublicationGate {
    private let service: Service

    init(_ service: Service) {
        self.service = service
    }

    /// Grades and records.
    ///
    /// - Parameters:
    ///   - input: What the run was computed from.
    ///   - lease: The run.
    ///   - connection: A connection for the record.
    /// - Returns: The grade with its reason in words; no grade when too few clients could be tested. Nothing when
    ///   `publish.gate` is off.
    /// - Throws: `RunError.fenceLost`; `PostgresError`; `CancellationError`.
    func grade(
        _ input: RunInput, _ lease: RunLease, _ connection: PostgresConnection
    ) async throws -> (grade: Grade?, reason: String)? {
        let configuration = service.configuration
        guard configuration.publish.isGated else { return nil }
        let clock = ContinuousClock()
        let start = clock.now
        let window = HistoryReader.leaveOneOut(input.source, recent: input.recent, fold: 0)
        let method = configuration.publishedMethod
        let settings = service.backtestSettings(
            hybrid: configuration.hybrid.model ?? .standard, methods: [method, .popularity], window: 0)
        let tables = try await Tables([try await Backtest(window, settings: settings).run()], method: method)
        let grade = Grade(tables.overall, of: method)
        let reason = Self.words(grade, tables.overall, method)
        let record = tables.record(configuration, runID: lease.runID, duration: clock.now - start)
        try await connection.withSession { session in
            try EvaluationLog.recordGrade(grade, reason: reason, lease, session: session)
            if tables.overall.clients > 0 {
                try EvaluationLog.store(record, keeping: configuration.retention.runs, session: session)
            }
        }
        return (grade, reason)
    }

    private static func words(_ grade: Grade?, _ table: QualityTable, _ method: EvaluationMethod) -> String {
        guard let grade, let difference = table.difference(method, against: .popularity)?.metrics[.primary] else {
            return "\(table.clients) clients could be tested; a grade takes \(Grade.leastClients)"
        }
        let verdict =
            switch grade {
            case .better: "better than"
            case .notWorse: "not clearly different from"
            case .worse: "worse than"
            }
        func fixed(_ number: Double) -> String { String(format: "%.4f", number) }
        return "\(method.rawValue) is \(verdict) popularity in the run's own backtest: \(Metric.primary)"
            + " differs by \(fixed(difference.value)) (\(fixed(difference.low)) to \(fixed(difference.high))),"
            + " \(table.clients) clients with one hidden product each"
    }
}
