import Foundation
public import Holdings
public import Postgres

/// The run log: starts runs, keeps their lease, records what became of them, and sweeps what dead ones left.
///
/// One live run per channel is a fact in the data (a unique partial index, a term, conditional updates), never a session
/// lock, so it holds behind a pooler in transaction mode. All times are the database's. Every transaction that touches
/// both takes the publication row first and the run's row second.
public enum RunLog {
    // MARK: Start

    /// Makes a run the live one of its channel, with a slot of its own.
    ///
    /// A run that is still marked as running but dead is marked as failed first (``RunReason/abandoned``): its server process has
    /// ended, or it has given no sign of life for the lease.
    ///
    /// - Throws: `RunError.alreadyRunning`, which says who runs since when; `RunError.notQueued` when the queued run that
    ///   was to start has been taken or cancelled; `RunError.noFreeSlot`; `PostgresError`.
    public static func start(_ request: RunRequest, session: Session) throws -> RunLease {
        try session.ours { session in
            // Serializes starts, also those of different channels, which share the ring of slots. Readers never wait.
            try session.execute("select peerfolio.lock_publication()")
            try session.execute(
                "insert into peerfolio.publication (channel) values ($1) on conflict do nothing",
                [.text(request.channel)])
            let term: Int64 = try session.execute(
                "update peerfolio.publication set term = term + 1 where channel = $1 returning term",
                [.text(request.channel)]
            ).rows[0].get(at: 0)
            try failDeadRuns(channel: request.channel, lease: request.lease, session) { throw $0 }
            let slot = try claimSlot(of: request.slotCount, session)
            let runID = try begin(request, term: term, slot: slot, session)
            return RunLease(runID: runID, term: term, slot: slot, channel: request.channel)
        }
    }

    /// Marks the running run of a channel as failed if it is dead, as ``start(_:session:)`` would.
    ///
    /// - Returns: The numbers of runs that were marked.
    public static func failDeadRuns(channel: String, lease: Duration, session: Session) throws -> [Int64] {
        try session.ours { session in
            // The publication row comes first in every transaction.
            try session.execute(
                "select from peerfolio.publication where channel = $1 for update", [.text(channel)])
            return try failDeadRuns(channel: channel, lease: lease, session) { _ in }
        }
    }

    @discardableResult
    private static func failDeadRuns(
        channel: String, lease: Duration, _ session: Session, whenAlive: (RunError) throws -> Void
    ) throws -> [Int64] {
        // A recorded backend tells of a dead process at once; behind a pooler only the heartbeat does.
        let running = try session.execute(
            """
            select r.run_id, r.host, r.process_id, r.requested_by,
                   to_char(r.started_at, 'YYYY-MM-DD HH24:MI:SS TZH:TZM'),
                   r.heartbeat_at < clock_timestamp() - make_interval(secs => $2)
                   or (r.backend_pid is not null and not exists (
                        select from pg_catalog.pg_stat_activity a
                        where a.pid = r.backend_pid
                          and (a.backend_start = r.backend_started_at or a.backend_start is null)))
            from peerfolio.runs r where r.channel = $1 and r.status = 'running' for update
            """,
            [.text(channel), .double(lease / .seconds(1))])
        var dead: [Int64] = []
        for row in running.rows {
            let runID: Int64 = try row.get(at: 0)
            guard try row.get(at: 5) else {
                try whenAlive(
                    RunError(
                        .alreadyRunning,
                        "run \(runID) of channel \(channel) is going on since \(try row.get(at: 4, as: String.self)),"
                            + " started by \(try row.get(at: 3, as: String.self))"
                            + " on \(try row.get(at: 1, as: String.self))"
                            + " (process \(try row.get(at: 2, as: Int.self))); try again when it has ended"))
                continue
            }
            try session.execute(
                """
                update peerfolio.runs
                set status = 'failed', reason_code = $2, finished_at = clock_timestamp(),
                    error = 'the process or its connection ended without a word'
                where run_id = $1 and status = 'running'
                """,
                [.bigint(runID), .text(RunReason.abandoned.rawValue)])
            dead.append(runID)
        }
        return dead
    }

    /// Takes the slot that is free or whose run is the least worth keeping, and detaches that run from it.
    private static func claimSlot(
        of slotCount: Int, sparing runID: Int64? = nil, _ session: Session
    ) throws -> Int16 {
        let candidate = try session.execute(
            """
            select s.slot, r.run_id
            from generate_series(0, $1::integer - 1) as s(slot)
            left join peerfolio.runs r on r.slot = s.slot
            where r.status is distinct from 'running' and (r.run_id is null or r.run_id is distinct from $2)
              and not exists (
                  select from peerfolio.publication p where s.slot in (p.live_slot, p.previous_slot))
            order by r.status is not distinct from 'succeeded', r.run_id nulls first, s.slot
            limit 1
            """,
            [.bigint(Int64(slotCount)), runID.map(PostgresParameter.bigint) ?? .null]
        ).rows.first
        guard let candidate else {
            throw RunError(
                .noFreeSlot,
                "all \(slotCount) slots belong to live, previous or running runs;"
                    + " raise retention.slots and run `peerfolio migrate up`")
        }
        if let owner: Int64 = try candidate.getIfPresent(at: 1) {
            try session.execute("update peerfolio.runs set slot = null where run_id = $1", [.bigint(owner)])
        }
        return Int16(try candidate.get(at: 0, as: Int.self))
    }

    /// Inserts a running run, or makes the queued one run.
    private static func begin(
        _ request: RunRequest, term: Int64, slot: Int16, _ session: Session
    ) throws -> Int64 {
        // Behind a pooler the server process is not ours, and says nothing about whether we live.
        let backend: Int32 = try session.execute("select pg_backend_pid()").rows[0].get(at: 0)
        let isDirect = backend == session.backendPID
        let parameters: [PostgresParameter] = [
            .text(request.channel), .bigint(term), .text("\(request.asOf)"), .text(request.configJSON),
            .bool(request.isForced), .integer(Int32(slot)), .text(request.host), .integer(request.processID),
            .text(request.programVersion), isDirect ? .integer(backend) : .null,
        ]
        guard let queuedRunID = request.queuedRunID else {
            return try session.execute(
                """
                insert into peerfolio.runs (
                    channel, term, status, phase, trigger, as_of_date, config, config_hash, is_forced, slot, host,
                    process_id, program_version, backend_pid, backend_started_at)
                select $1, $2, 'running', 'start', $11, $3::date, $4::jsonb,
                       encode(sha256(convert_to($4::jsonb::text, 'UTF8')), 'hex'), $5, $6, $7, $8, $9, $10,
                       (select a.backend_start from pg_catalog.pg_stat_activity a where a.pid = $10)
                returning run_id
                """,
                parameters + [.text(request.trigger.rawValue)]
            ).rows[0].get(at: 0)
        }
        let claimed = try session.execute(
            """
            update peerfolio.runs
            set term = $2, status = 'running', as_of_date = $3::date, config = $4::jsonb,
                config_hash = encode(sha256(convert_to($4::jsonb::text, 'UTF8')), 'hex'),
                slot = $6, host = $7, process_id = $8, program_version = $9, backend_pid = $10,
                backend_started_at = (select a.backend_start from pg_catalog.pg_stat_activity a where a.pid = $10),
                started_at = clock_timestamp(), heartbeat_at = clock_timestamp()
            where run_id = $11 and channel = $1 and status = 'queued' and is_forced = $5
            """,
            parameters + [.bigint(queuedRunID)])
        guard claimed.affectedRows == 1 else {
            throw RunError(.notQueued, "run \(queuedRunID) is not queued any more")
        }
        return queuedRunID
    }

    // MARK: Life

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
                        and e.model_hash = \(EvaluationLog.modelHash("$2")) and e.evaluated_at > l.started_at)
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

    // MARK: Sweeping

    /// Takes the slot that the next run will load into from the result that is the least worth keeping, if none is free.
    ///
    /// The sweep then deletes its rows, and the next run finds their space vacuumed: loaded beside rows that are deleted
    /// only afterwards, every slot would need the space of two runs for good. Does nothing where all slots are live,
    /// previous, loading, or that of the run that has just ended.
    ///
    /// - Parameters:
    ///   - slotCount: Slots in the ring.
    ///   - lease: The run that has just succeeded; it may not be published yet.
    public static func freeSlot(of slotCount: Int, after lease: RunLease, session: Session) throws {
        do {
            try session.ours { session in
                // Nobody may publish the result by hand in between; readers never wait.
                try session.execute("select peerfolio.lock_publication()")
                _ = try claimSlot(of: slotCount, sparing: lease.runID, session)
            }
        } catch let error as RunError where error.code == .noFreeSlot {
            return
        }
    }

    /// Deletes rows that belong to no run which still has a right to its slot, and old rows of the run log.
    ///
    /// Called after publishing or failing, off the path of the run; whatever is cut short is done by the next sweep.
    ///
    /// - Parameters:
    ///   - keeping: Rows of the run log to keep; runs that hold a slot are kept beyond that.
    ///   - statementTimeout: The server's limit for each DELETE.
    public static func sweep(keeping: Int, statementTimeout: Duration, session: Session) throws {
        try session.ours(statementTimeout: statementTimeout) { session in
            // Failed and cancelled runs have no result to keep.
            try session.execute(
                "update peerfolio.runs set slot = null where slot is not null and status not in ('running', 'succeeded')"
            )
            for table in ["recommendations", "run_clients"] {
                for row in try staleRuns(in: table, session) {
                    try session.execute(
                        "delete from peerfolio.\(table) where slot = $1 and run_id = $2",
                        [.integer(try row.get(at: 0)), .bigint(try row.get(at: 1, as: Int64.self))])
                }
            }
            try session.execute(
                """
                delete from peerfolio.runs
                where run_id <= (select run_id from peerfolio.runs order by run_id desc offset $1 limit 1)
                  and slot is null and status not in ('queued', 'running')
                """,
                [.bigint(Int64(keeping))])
        }
    }

    /// Slots and runs in them that have no right to be there, found by hopping over the primary key: a few index
    /// look-ups, however many rows there are.
    private static func staleRuns(in table: String, _ session: Session) throws -> [PostgresRow] {
        try session.execute(
            """
            with recursive held(slot, run_id) as (
                select s.slot, (select min(t.run_id) from peerfolio.\(table) t where t.slot = s.slot)
                from generate_series(0, (select count(*) from pg_inherits
                                         where inhparent = 'peerfolio.\(table)'::regclass) - 1) as s(slot)
                union all
                select h.slot,
                       (select min(t.run_id) from peerfolio.\(table) t where t.slot = h.slot and t.run_id > h.run_id)
                from held h where h.run_id is not null
            )
            select h.slot::integer, h.run_id from held h
            where h.run_id is not null
              and not exists (select from peerfolio.runs r where r.run_id = h.run_id and r.slot = h.slot)
            order by h.slot, h.run_id -- One order for all, so that sweeps of two channels never deadlock.
            """
        ).rows
    }

    static func fenceLost(_ lease: RunLease) -> RunError {
        RunError(
            .fenceLost,
            "run \(lease.runID) is not the live run of channel \(lease.channel) any more; it stops without publishing")
    }
}
