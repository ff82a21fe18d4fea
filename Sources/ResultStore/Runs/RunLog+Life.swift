import Foundation
public import Holdings
public import Postgres

/// What a run says of itself from its start to its end.
extension RunLog {
    /// Gives a sign of life and says what the run is doing.
    ///
    /// - Returns: Who has asked for the run to be cancelled, if anybody has.
    /// - Throws: `RunError.fenceLost` if the run is not the live one any more; it must stop then.
    @discardableResult
    public static func heartbeat(
        _ lease: RunLease, phase: RunPhase, done: Int, total: Int, session: Session
    ) throws -> String? {
        try session.ours(statementTimeout: .seconds(10)) { session in
            let beat = try session.execute(
                """
                update peerfolio.runs
                set heartbeat_at = clock_timestamp(), phase = $2,
                    progress = jsonb_build_object('done', $3::bigint, 'total', $4::bigint)
                where run_id = $1 and status = 'running'
                returning cancel_requested_by
                """,
                [.bigint(lease.runID), .text(phase.rawValue), .bigint(Int64(done)), .bigint(Int64(total))])
            guard let row = beat.rows.first else { throw fenceLost(lease) }
            return try row.getIfPresent(at: 0)
        }
    }

    /// Records what was read: counts, fingerprint and findings, and the run whose lists those of this one will be
    /// compared with.
    ///
    /// - Throws: `RunError.fenceLost`; `PostgresError`.
    public static func recordInput(
        _ lease: RunLease, counts: RunCounts, fingerprint: String, findings: [Finding],
        comparedRunID: Int64? = nil, session: Session
    ) throws {
        try session.ours { session in
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
            guard update.affectedRows == 1 else { throw fenceLost(lease) }
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

    /// Whether a run has read the same input, under the same configuration, as the published run of its channel.
    ///
    /// - Returns: The published run's number if so.
    public static func unchangedSince(_ lease: RunLease, modelJSON: String, session: Session) throws -> Int64? {
        try session.ours { session in
            try session.execute(
                """
                select l.run_id from peerfolio.runs r
                join peerfolio.publication p on p.channel = r.channel
                join peerfolio.runs l on l.run_id = p.live_run_id
                where r.run_id = $1 and l.input_fingerprint = r.input_fingerprint and l.config_hash = r.config_hash
                  -- A new calibration gives rows another propensity.
                  and not exists (
                      select from peerfolio.evaluations e
                      where e.channel = r.channel and e.calibration_scores is not null
                        and e.model_hash = \(jsonHash("$2")) and e.evaluated_at > l.started_at)
                """,
                [.bigint(lease.runID), .text(modelJSON)]
            ).rows.first?.getIfPresent(at: 0)
        }
    }

    /// Records how long the phases of a run took.
    ///
    /// Harmless at any time.
    ///
    /// - Parameter json: An object with milliseconds per phase.
    public static func recordPhases(_ lease: RunLease, json: String, session: Session) throws {
        try session.ours { session in
            _ = try session.execute(
                "update peerfolio.runs set phases_ms = $2::jsonb where run_id = $1",
                [.bigint(lease.runID), .text(json)])
        }
    }

    /// The counts of the newest published run of a channel, to compare new input with; nil if there is none.
    public static func previousCounts(channel: String, session: Session) throws -> RunCounts? {
        try session.ours { session in
            try session.execute(
                """
                select clients, clients_with_portfolio, products, holdings from peerfolio.runs
                where channel = $1 and published_at is not null order by run_id desc limit 1
                """,
                [.text(channel)]
            ).rows.first.map { row in
                RunCounts(
                    clients: try row.get(at: 0), clientsWithPortfolio: try row.get(at: 1),
                    products: try row.get(at: 2), holdings: try row.get(at: 3))
            }
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
    public static func end(
        _ lease: RunLease, because reason: RunReason, in phase: RunPhase, message: String, sqlState: String?,
        session: Session
    ) throws {
        try session.ours { session in
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
