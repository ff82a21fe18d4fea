public import Postgres

/// The right of one daemon to act for a channel: a row that it renews, and that another takes over when it does not.
///
/// Whoever has lost it may not know yet. That does no harm: due moments, queued runs and the publication have fences of
/// their own in the data; the lease only sees to it that daemons do not get in each other's way.
public struct SchedulerLease: Sendable {
    /// Channel that it acts for.
    public let channel: String
    /// A name that no other process has.
    public let holder: String
    /// Host name of the daemon.
    public let host: String
    /// Its process id there.
    public let processID: Int32
    /// Version of the program.
    public let programVersion: String
    /// Another daemon takes over after so long without a sign of life.
    public let duration: Duration

    /// Describes a daemon.
    public init(
        channel: String, holder: String, host: String, processID: Int32, programVersion: String, duration: Duration
    ) {
        self.channel = channel
        self.holder = holder
        self.host = host
        self.processID = processID
        self.programVersion = programVersion
        self.duration = duration
    }

    /// What became of an attempt to get or keep the lease.
    public enum Outcome: Sendable {
        /// It is held, and the schedule holds since then, in seconds since 1970-01-01 00:00 UTC.
        case held(scheduledSince: Int)
        /// Another daemon holds it: its host and process.
        case heldByOther(host: String, processID: Int)
    }

    /// Gets or renews the lease.
    ///
    /// A schedule that has changed holds from now on: its earlier moments are not made up for.
    ///
    /// - Parameters:
    ///   - schedule: The schedule as configured.
    ///   - nextMoment: The next due moment, in seconds since 1970-01-01 00:00 UTC.
    public func acquire(schedule: String, nextMoment: Int?, session: Session) throws -> Outcome {
        try session.ours(statementTimeout: .seconds(10)) { session in
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
                    .text(channel), .text(holder), .text(host), .integer(processID), .text(programVersion),
                    .double(duration / .seconds(1)), .text(schedule),
                    nextMoment.map { .double(Double($0)) } ?? .null,
                ])
            if let row = held.rows.first { return .held(scheduledSince: try row.get(at: 0)) }
            let other = try session.execute(
                "select host, process_id from peerfolio.schedulers where channel = $1", [.text(channel)])
            guard let row = other.rows.first else { return .heldByOther(host: "unknown", processID: 0) }
            return .heldByOther(host: try row.get(at: 0), processID: try row.get(at: 1))
        }
    }

    /// Gives the lease up, so that another daemon need not wait; harmless if it is not held.
    public func release(session: Session) throws {
        try session.ours(statementTimeout: .seconds(10)) { session in
            _ = try session.execute(
                "update peerfolio.schedulers set renewed_at = '-infinity' where channel = $1 and holder = $2",
                [.text(channel), .text(holder)])
        }
    }
}
