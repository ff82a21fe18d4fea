public import Postgres

/// The run log: starts runs, keeps their lease, records what became of them, and sweeps what dead ones left.
///
/// One live run per channel is a fact in the data (a unique partial index, a term, conditional updates), never a session
/// lock, so it holds behind a pooler in transaction mode. All times are the database's. Every transaction that touches
/// both takes the publication row first and the run's row second.
public struct RunLog {
    let store: StoreSession

    /// Creates the run log over a session outside a transaction.
    ///
    /// - Parameter statementTimeout: The server's limit for each statement.
    public init(_ session: Session, statementTimeout: Duration = .seconds(30)) {
        store = StoreSession(session, statementTimeout)
    }

    // MARK: Start

    /// Gives a run the right to its channel, with a slot of its own.
    ///
    /// A run that is still marked as running but dead is marked as failed first (``RunReason/abandoned``): its server process has
    /// ended, or it has given no sign of life for the lease.
    ///
    /// - Throws: `RunError.alreadyRunning`, which says who runs since when; `RunError.notQueued` when the queued run that
    ///   was to start has been taken or cancelled; `RunError.noFreeSlot`; `PostgresError`.
    public func start(_ request: RunRequest) throws -> RunLease {
        try store.transaction { session in
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

    /// Marks the running run of a channel as failed if it is dead, as ``start(_:)`` would.
    ///
    /// - Returns: The numbers of runs that were marked.
    public func failDeadRuns(channel: String, lease: Duration) throws -> [Int64] {
        try store.transaction { session in
            // The publication row comes first in every transaction.
            try session.execute(
                "select from peerfolio.publication where channel = $1 for update", [.text(channel)])
            return try failDeadRuns(channel: channel, lease: lease, session) { _ in }
        }
    }

    @discardableResult
    private func failDeadRuns(
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
    func claimSlot(
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
    private func begin(
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
                       \(Self.jsonHash("$4")), $5, $6, $7, $8, $9, $10,
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
                config_hash = \(Self.jsonHash("$4")),
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

    /// SHA-256 of the text that the server gives a JSON value, as SQL.
    ///
    /// - Parameter json: The value, as SQL.
    static func jsonHash(_ json: String) -> String {
        "encode(sha256(convert_to(\(json)::jsonb::text, 'UTF8')), 'hex')"
    }
}
