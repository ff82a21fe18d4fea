public import Postgres

/// Which daemon acts for each channel.
public struct Schedulers {
    private let store: StoreSession

    /// Creates it over a session outside a transaction.
    ///
    /// - Parameter statementTimeout: The server's limit for each statement.
    public init(_ session: Session, statementTimeout: Duration = .seconds(10)) {
        store = StoreSession(session, statementTimeout)
    }

    /// Gets or renews the lease.
    ///
    /// A schedule that has changed holds from now on: its earlier moments are not made up for.
    ///
    /// - Parameters:
    ///   - lease: Who wants it.
    ///   - schedule: The schedule as configured.
    ///   - nextMoment: The next due moment, in seconds since 1970-01-01 00:00 UTC.
    public func acquire(
        _ lease: SchedulerLease, schedule: String, nextMoment: Int?
    ) throws -> SchedulerLease.Outcome {
        try store.transaction { session in
            let held = try session.execute(
                """
                insert into peerfolio.schedulers as s (
                    channel, holder, host, process_id, program_version, lease, schedule, next_run_at)
                values ($1, $2, $3, $4, $5, make_interval(secs => $6), $7, to_timestamp($8))
                on conflict (channel) do update
                set holder = excluded.holder, host = excluded.host, process_id = excluded.process_id,
                    program_version = excluded.program_version, lease = excluded.lease,
                    schedule = excluded.schedule, next_run_at = excluded.next_run_at,
                    term = s.term + case when s.holder = excluded.holder then 0 else 1 end,
                    acquired_at = case when s.holder = excluded.holder then s.acquired_at else clock_timestamp() end,
                    scheduled_since =
                        case when s.schedule = excluded.schedule then s.scheduled_since else clock_timestamp() end,
                    renewed_at = clock_timestamp()
                where s.holder = excluded.holder or s.renewed_at < clock_timestamp() - s.lease
                returning extract(epoch from scheduled_since)::bigint
                """,
                [
                    .text(lease.channel), .text(lease.holder), .text(lease.host), .integer(lease.processID),
                    .text(lease.programVersion),
                    .double(lease.duration / .seconds(1)), .text(schedule),
                    nextMoment.map { .double(Double($0)) } ?? .null,
                ])
            if let row = held.rows.first { return .held(scheduledSince: try row.get(at: 0)) }
            let other = try session.execute(
                "select host, process_id from peerfolio.schedulers where channel = $1", [.text(lease.channel)])
            guard let row = other.rows.first else { return .heldByOther(host: "unknown", processID: 0) }
            return .heldByOther(host: try row.get(at: 0), processID: try row.get(at: 1))
        }
    }

    /// Gives the lease up, so that another daemon need not wait; harmless if it is not held.
    public func release(_ lease: SchedulerLease) throws {
        try store.transaction { session in
            _ = try session.execute(
                "update peerfolio.schedulers set renewed_at = '-infinity' where channel = $1 and holder = $2",
                [.text(lease.channel), .text(lease.holder)])
        }
    }
}
