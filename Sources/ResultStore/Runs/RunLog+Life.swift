import Foundation
public import Holdings
import Postgres

/// What a run says of itself from its start to its end.
extension RunLog {
    /// Gives a sign of life and says what the run is doing.
    ///
    /// - Returns: Who has asked for the run to be cancelled, if anybody has.
    /// - Throws: `RunError.fenceLost` if the run has lost its channel; it must stop then.
    @discardableResult
    public func heartbeat(
        _ lease: RunLease, phase: RunPhase, done: Int, total: Int
    ) throws -> String? {
        try store.session.storeTransaction(statementTimeout: .seconds(10)) { session in
            let beat = try session.execute(
                """
                update peerfolio.runs
                set heartbeat_at = clock_timestamp(), phase = $2,
                    progress = jsonb_build_object('done', $3::bigint, 'total', $4::bigint)
                where run_id = $1 and status = 'running'
                returning cancel_requested_by
                """,
                [.bigint(lease.runID), .text(phase.rawValue), .bigint(Int64(done)), .bigint(Int64(total))])
            guard let row = beat.rows.first else { throw RunError.fenceLost(lease) }
            return try row.getIfPresent(at: 0)
        }
    }

    /// Records what was read: counts, fingerprint and findings, and the run whose lists those of this one will be
    /// compared with.
    ///
    /// - Throws: `RunError.fenceLost`; `PostgresError`.
    public func recordInput(
        _ lease: RunLease, counts: RunCounts, fingerprint: String, findings: [Finding],
        comparedRunID: Int64? = nil
    ) throws {
        try store.transaction { session in
            let update = try session.execute(
                """
                update peerfolio.runs
                set heartbeat_at = clock_timestamp(), clients = $2, clients_with_portfolio = $3, products = $4,
                    holdings = $5, findings = $6, input_fingerprint = $7, compared_run_id = $8
                where run_id = $1 and status = 'running'
                """,
                [
                    .bigint(lease.runID), .bigint(Int64(counts.clients)), .bigint(Int64(counts.clientsWithPortfolio)),
                    .bigint(Int64(counts.products)), .bigint(Int64(counts.holdings)), .bigint(Int64(findings.count)),
                    .text(fingerprint), comparedRunID.map(PostgresParameter.bigint) ?? .null,
                ])
            guard update.affectedRows == 1 else { throw RunError.fenceLost(lease) }
            for finding in findings {
                try session.execute(
                    """
                    insert into peerfolio.run_checks (run_id, code, severity, occurrences, examples, message)
                    values ($1, $2, $3, $4, array(select jsonb_array_elements_text($5::jsonb)), $6)
                    """,
                    [
                        .bigint(lease.runID), .text(finding.code.rawValue), .text(finding.severity.rawValue),
                        .bigint(Int64(finding.occurrences)),
                        .text(String(decoding: try JSONEncoder().encode(finding.examples), as: UTF8.self)),
                        .text(finding.message),
                    ])
            }
        }
    }

    /// Whether a run has read the same input as the live run of its channel, under the same configuration.
    public func isUnchanged(_ lease: RunLease, since live: LiveRun, modelJSON: String) throws -> Bool {
        try store.transaction { session in
            try !session.execute(
                """
                select from peerfolio.runs r
                join peerfolio.runs l on l.input_fingerprint = r.input_fingerprint and l.config_hash = r.config_hash
                where r.run_id = $1 and l.run_id = $3
                  -- A new calibration gives rows another propensity.
                  and not exists (
                      select from peerfolio.evaluations e
                      where e.channel = r.channel and e.calibration_scores is not null
                        and e.model_hash = \(Self.jsonHash("$2")) and e.evaluated_at > l.started_at)
                """,
                [.bigint(lease.runID), .text(modelJSON), .bigint(live.runID)]
            ).rows.isEmpty
        }
    }

    /// Records how long the phases of a run took.
    ///
    /// Harmless at any time.
    ///
    /// - Parameter json: An object with milliseconds per phase.
    public func recordPhases(_ lease: RunLease, json: String) throws {
        try store.transaction { session in
            _ = try session.execute(
                "update peerfolio.runs set phases_ms = $2::jsonb where run_id = $1",
                [.bigint(lease.runID), .text(json)])
        }
    }

    /// Records that a run did not succeed, and why.
    ///
    /// Harmless if the run has ended already.
    ///
    /// - Parameters:
    ///   - reason: Why, which decides its status.
    ///   - phase: What the run was doing.
    ///   - message: Why in words, without data.
    ///   - sqlState: The server's code for the failure, if it gave one.
    public func end(
        _ lease: RunLease, because reason: RunReason, in phase: RunPhase, message: String, sqlState: String?
    ) throws {
        try store.transaction { session in
            _ = try session.execute(
                """
                update peerfolio.runs
                set status = $2, reason_code = $3, error = $4, error_sqlstate = $5, phase = $6,
                    finished_at = clock_timestamp()
                where run_id = $1 and status = 'running'
                """,
                [
                    .bigint(lease.runID), .text(reason.status.rawValue), .text(reason.rawValue), .text(message),
                    .textOrNull(sqlState), .text(phase.rawValue),
                ])
        }
    }
}
