public import Evaluation
import Foundation
public import Postgres

/// The evaluations in the database: `peerfolio.evaluations` and what belongs to them.
public struct EvaluationLog {
    private let store: StoreSession

    /// Creates the log over a session outside a transaction.
    ///
    /// - Parameter statementTimeout: The server's limit for each statement.
    public init(_ session: Session, statementTimeout: Duration = .seconds(30)) {
        store = StoreSession(session, statementTimeout)
    }

    /// Stores an evaluation, and drops those beyond what is kept.
    ///
    /// - Parameters:
    ///   - record: What was measured.
    ///   - keeping: Evaluations to keep, at least 1; backtests of runs go with their runs.
    /// - Returns: Its number.
    /// - Throws: `PostgresError`.
    @discardableResult
    public func store(_ record: EvaluationRecord, keeping: Int) throws -> Int64 {
        guard let overall = record.windows.first?.table else { preconditionFailure("an evaluation has figures") }
        return try store.transaction { session in
            let calibration = record.calibration
            let evaluationID: Int64 = try session.execute(
                """
                insert into peerfolio.evaluations (
                    channel, run_id, kind, config, model_hash, published_method, windows, clients, pairs,
                    best_baseline, duration_ms, program_version, brier, constant_brier, calibration_gain,
                    calibration_gain_low, calibration_gain_high, is_calibration_earned, calibration_scores,
                    calibration_propensities)
                values (
                    $1, $2, $3, $4::jsonb, \(RunLog.jsonHash("$5")), $6, $7::integer, $8, $9, $10, $11, $12, $13, $14, $15, $16,
                    $17, $18, $19::double precision[], $20::double precision[])
                returning evaluation_id
                """,
                [
                    .text(record.channel), record.runID.map(PostgresParameter.bigint) ?? .null,
                    .text(record.kind.rawValue), .text(record.configJSON), .text(record.modelJSON),
                    .text(record.publishedMethod.rawValue), .bigint(Int64(max(1, record.windows.count - 1))),
                    .bigint(Int64(overall.clients)), .bigint(Int64(overall.pairs)),
                    .textOrNull(overall.bestBaseline?.rawValue),
                    .bigint(Int64(record.duration / .milliseconds(1))), .text(record.programVersion),
                    number(calibration?.brier), number(calibration?.constantBrier), number(calibration?.gain.value),
                    number(calibration?.gain.low), number(calibration?.gain.high),
                    .bool(calibration?.isEarned ?? false), .textOrNull(calibration.map { array($0.propensity.scores) }),
                    .textOrNull(calibration.map { array($0.propensity.shares) }),
                ]
            ).rows[0].get(at: 0)
            try storeMetrics(record, evaluationID, session)
            try storeBins(record.calibration, evaluationID, session)
            try session.execute(
                """
                delete from peerfolio.evaluations
                where run_id is null and channel = $2 and evaluation_id <= (
                    select evaluation_id from peerfolio.evaluations where run_id is null and channel = $2
                    order by evaluation_id desc offset $1 limit 1)
                """,
                [.bigint(Int64(keeping)), .text(record.channel)])
            return evaluationID
        }
    }

    /// The calibration that runs of a model may write propensities by: of the newest evaluation of the model on dated
    /// holdings, when it has earned them.
    ///
    /// - Parameter modelJSON: The part of the configuration that decides scores.
    /// - Returns: Nothing when there is none.
    /// - Throws: `PostgresError`.
    public func earnedCalibration(
        modelJSON: String, channel: String
    ) throws -> IsotonicRegression? {
        try store.transaction { session in
            let result = try session.execute(
                """
                select s.score, s.propensity
                from (select e.is_calibration_earned, e.calibration_scores, e.calibration_propensities
                      from peerfolio.evaluations e
                      where e.channel = $1 and e.model_hash = \(RunLog.jsonHash("$2")) and e.calibration_scores is not null
                      order by e.evaluation_id desc limit 1) n,
                     unnest(n.calibration_scores, n.calibration_propensities) as s(score, propensity)
                where n.is_calibration_earned
                order by s.score
                """,
                [.text(channel), .text(modelJSON)])
            guard !result.rows.isEmpty else { return nil }
            return IsotonicRegression(
                scores: try result.rows.map { try $0.get(at: 0) }, shares: try result.rows.map { try $0.get(at: 1) })
        }
    }

    /// Records what a run's backtest says.
    ///
    /// - Throws: `RunError.fenceLost`; `PostgresError`.
    public func recordGrade(_ grade: Grade?, reason: String, _ lease: RunLease) throws {
        try store.transaction { session in
            let run = try session.execute(
                """
                update peerfolio.runs set grade = $2, grade_reason = $3, heartbeat_at = clock_timestamp()
                where run_id = $1 and status = 'running'
                """,
                [.bigint(lease.runID), .textOrNull(grade?.rawValue), .text(reason)])
            guard run.affectedRows == 1 else { throw RunError.fenceLost(lease) }
        }
    }

    /// A row of `run_metrics`.
    private struct MetricRow: Encodable {
        let windowNumber: Int
        let trainDate: String?
        let testDate: String?
        let segment: String?
        let method: EvaluationMethod
        let metric: String
        let value: Double
        let low: Double
        let high: Double
        let comparedWith: EvaluationMethod?
        let clients: Int

        init(
            _ window: EvaluationRecord.Window, segment: String?, _ method: EvaluationMethod, _ metric: Metric,
            _ estimate: Estimate, comparedWith: EvaluationMethod?, clients: Int
        ) {
            (windowNumber, trainDate, testDate) = (window.number, window.trainDate, window.testDate)
            (self.segment, self.method, self.metric) = (segment, method, metric.description)
            (value, low, high) = (estimate.value, estimate.low, estimate.high)
            (self.comparedWith, self.clients) = (comparedWith, clients)
        }
    }

    private func storeMetrics(_ record: EvaluationRecord, _ evaluationID: Int64, _ session: Session) throws {
        var rows: [MetricRow] = []
        for window in record.windows {
            for (segment, table) in [(nil, window.table)] + window.segments.map({ (Optional($0.name), $0.table) }) {
                for method in EvaluationMethod.allCases {
                    for (metric, estimate) in (table.methods[method] ?? [:]).sorted(by: { $0.key < $1.key }) {
                        rows.append(
                            MetricRow(
                                window, segment: segment, method, metric, estimate, comparedWith: nil,
                                clients: table.clients))
                    }
                }
                for difference in table.differences {
                    for (metric, estimate) in difference.metrics.sorted(by: { $0.key < $1.key }) {
                        rows.append(
                            MetricRow(
                                window, segment: segment, difference.method, metric, estimate,
                                comparedWith: difference.baseline, clients: table.clients))
                    }
                }
            }
        }
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try session.execute(
            """
            insert into peerfolio.run_metrics (
                evaluation_id, window_number, train_date, test_date, segment, method, metric, value, low, high,
                compared_with, clients)
            select $1, m.* from jsonb_to_recordset($2::jsonb) as m(
                window_number integer, train_date date, test_date date, segment text, method text, metric text,
                value double precision, low double precision, high double precision, compared_with text, clients bigint)
            """,
            [.bigint(evaluationID), .text(String(decoding: try encoder.encode(rows), as: UTF8.self))])
    }

    private func storeBins(_ calibration: Calibration?, _ evaluationID: Int64, _ session: Session) throws {
        for (place, bin) in (calibration?.bins ?? []).enumerated() {
            try session.execute(
                "insert into peerfolio.calibration_bins values ($1, $2::integer, $3, $4, $5, $6, $7, $8, $9, $10)",
                [
                    .bigint(evaluationID), .bigint(Int64(place + 1)), .double(bin.low), .double(bin.high),
                    .bigint(Int64(bin.count)), .double(bin.meanScore), .double(bin.meanPropensity),
                    .double(bin.observed.value), .double(bin.observed.low), .double(bin.observed.high),
                ])
        }
    }

    private func number(_ value: Double?) -> PostgresParameter {
        value.map(PostgresParameter.double) ?? .null
    }

    private func array(_ numbers: [Double]) -> String {
        "{" + numbers.map { "\($0)" }.joined(separator: ",") + "}"
    }
}
