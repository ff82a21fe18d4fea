public import Holdings
public import Postgres

/// A run that waits for its turn.
public struct QueuedRun: Sendable, Hashable {
    /// Number of the run.
    public let runID: Int64
    /// What asked for it.
    public let trigger: RunTrigger
    /// Day whose holdings are to be scored; nil for the day on which it starts.
    public let asOf: BusinessDate?
    /// Whether findings that refuse are overridden.
    public let isForced: Bool
    /// 1 for the first attempt.
    public let attempt: Int
}

/// Runs that were asked for and have not started, and those that never will: every decision is a row in the run log.
public enum RunQueue {
    /// Queues a run.
    ///
    /// - Parameters:
    ///   - channel: Channel to publish in.
    ///   - trigger: What asked for it.
    ///   - moment: The due moment that it stands for, in seconds since 1970-01-01 00:00 UTC; nil for none.
    ///   - reason: Why, in words.
    /// - Returns: Its number; nil when there is a row for that moment already.
    @discardableResult
    public static func add(
        channel: String, trigger: RunTrigger, moment: Int? = nil, reason: String? = nil, session: Session
    ) throws -> Int64? {
        try session.ours { session in
            try session.execute(
                """
                insert into peerfolio.runs (
                    channel, status, phase, trigger, request_reason, scheduled_for, started_at)
                values ($1, 'queued', 'start', $2, $3, to_timestamp($4), null)
                on conflict (channel, scheduled_for) where scheduled_for is not null do nothing
                returning run_id
                """,
                [.text(channel), .text(trigger.rawValue), .textOrNull(reason), Self.moment(moment)]
            ).rows.first?.get(at: 0)
        }
    }

    /// Queues a run for whoever asks, as `peerfolio.request_run` does for SQL.
    ///
    /// - Returns: Its number.
    public static func request(
        channel: String, reason: String?, asOf: BusinessDate?, isForced: Bool, session: Session
    ) throws -> Int64 {
        try session.ours { session in
            try session.execute(
                "select peerfolio.request_run($1, $2::date, $3, $4)",
                [.textOrNull(reason), .textOrNull(asOf.map { "\($0)" }), .text(channel), .bool(isForced)]
            ).rows[0].get(at: 0)
        }
    }

    /// Queues a run for a notification of the load job, unless one is waiting already: it will read what was loaded.
    public static func addForNotification(channel: String, session: Session) throws {
        try session.ours { session in
            _ = try session.execute(
                """
                insert into peerfolio.runs (channel, status, phase, trigger, started_at)
                select $1, 'queued', 'start', 'notify', null
                where not exists (select from peerfolio.runs q
                                  where q.channel = $1 and q.status = 'queued' and q.trigger = 'notify')
                """,
                [.text(channel)])
        }
    }

    /// Records that a run was not started, on purpose.
    ///
    /// - Parameters:
    ///   - channel: Channel of the run.
    ///   - trigger: What would have started it.
    ///   - moment: The due moment that it stands for, in seconds since 1970-01-01 00:00 UTC; nil for none.
    ///   - reason: Why.
    ///   - message: Why in words.
    /// - Returns: Its number; nil when there is a row for that moment already.
    @discardableResult
    public static func skip(
        channel: String, trigger: RunTrigger, moment: Int? = nil, because reason: RunReason, message: String,
        session: Session
    ) throws -> Int64? {
        try session.ours { session in
            try session.execute(
                """
                insert into peerfolio.runs (
                    channel, status, phase, trigger, scheduled_for, reason_code, error, started_at, finished_at)
                values ($1, 'skipped', 'start', $2, to_timestamp($3), $4, $5, null, clock_timestamp())
                on conflict (channel, scheduled_for) where scheduled_for is not null do nothing
                returning run_id
                """,
                [
                    .text(channel), .text(trigger.rawValue), Self.moment(moment), .text(reason.rawValue),
                    .text(message),
                ]
            ).rows.first?.get(at: 0)
        }
    }

    /// Queues another attempt of a run, if it has none yet.
    ///
    /// - Parameters:
    ///   - runID: An attempt that has ended.
    ///   - delay: How long to wait.
    ///   - attemptLimit: Attempts in all; no further one is queued beyond that.
    /// - Returns: The next attempt's number; nil when there are no more attempts or one is queued already.
    @discardableResult
    public static func retry(
        _ runID: Int64, after delay: Duration, attemptLimit: Int, session: Session
    ) throws -> Int64? {
        try session.ours { session in
            // The row of the run that has ended serializes those who would retry it.
            try session.execute("select from peerfolio.runs where run_id = $1 for update", [.bigint(runID)])
            return try session.execute(
                """
                insert into peerfolio.runs (
                    channel, status, phase, trigger, requested_by, requested_at, request_reason, as_of_date, is_forced,
                    attempt, retry_of, not_before, started_at)
                select r.channel, 'queued', 'start', r.trigger, r.requested_by, clock_timestamp(), r.request_reason,
                       r.as_of_date, r.is_forced, r.attempt + 1, coalesce(r.retry_of, r.run_id),
                       clock_timestamp() + make_interval(secs => $2), null
                from peerfolio.runs r
                where r.run_id = $1 and r.status in ('failed', 'cancelled') and r.attempt < $3 and r.trigger <> 'manual'
                  and not exists (select from peerfolio.runs n where n.retry_of = coalesce(r.retry_of, r.run_id)
                                                                 and n.attempt > r.attempt)
                returning run_id
                """,
                [.bigint(runID), .double(delay / .seconds(1)), .integer(Int32(clamping: attemptLimit))]
            ).rows.first?.get(at: 0)
        }
    }

    /// Runs that are to be repeated and have no further attempt: whoever has recorded their end was not the daemon, or did
    /// not live to queue one.
    ///
    /// What somebody has asked for is repeated in any case, any other run unless a later one has succeeded.
    ///
    /// - Returns: The attempts that have ended, of the last day.
    public static func unrepeated(
        channel: String, attemptLimit: Int, session: Session
    ) throws -> [(runID: Int64, attempt: Int)] {
        let reasons = RunReason.allCases.filter(\.isRepeated).map(\.rawValue).joined(separator: ",")
        return try session.ours { session in
            try session.execute(
                """
                select r.run_id, r.attempt
                from peerfolio.runs r
                where r.channel = $1 and r.status = 'failed' and r.reason_code = any ($2::text[])
                  and r.trigger <> 'manual' and r.attempt < $3
                  and r.finished_at > clock_timestamp() - interval '1 day'
                  and not exists (select from peerfolio.runs n
                                  where n.retry_of = coalesce(r.retry_of, r.run_id) and n.attempt > r.attempt)
                  and (r.trigger = 'request'
                       or not exists (select from peerfolio.runs s
                                      where s.channel = r.channel and s.run_id > r.run_id and s.status = 'succeeded'))
                order by r.run_id
                """,
                [
                    .text(channel), .text("{\(reasons)}"), .integer(Int32(clamping: attemptLimit)),
                ]
            ).rows.map { (try $0.get(at: 0), try $0.get(at: 1)) }
        }
    }

    /// Lets a queued run wait; harmless if it is not queued any more.
    public static func postpone(_ runID: Int64, by delay: Duration, session: Session) throws {
        try session.ours { session in
            _ = try session.execute(
                """
                update peerfolio.runs set not_before = clock_timestamp() + make_interval(secs => $2)
                where run_id = $1 and status = 'queued'
                """,
                [.bigint(runID), .double(delay / .seconds(1))])
        }
    }

    /// Ends a queued run without starting it; harmless if it is not queued any more.
    ///
    /// - Parameters:
    ///   - reason: Why, which decides its status.
    ///   - message: Why in words, without data.
    ///   - sqlState: The server's code for the failure, if it gave one.
    public static func end(
        _ runID: Int64, because reason: RunReason, message: String, sqlState: String? = nil, session: Session
    ) throws {
        try session.ours { session in
            _ = try session.execute(
                """
                update peerfolio.runs
                set status = $2, reason_code = $3, error = $4, error_sqlstate = $5, finished_at = clock_timestamp()
                where run_id = $1 and status = 'queued'
                """,
                [
                    .bigint(runID), .text(reason.status.rawValue), .text(reason.rawValue), .text(message),
                    .textOrNull(sqlState),
                ])
        }
    }

    /// What a daemon needs to know of a channel before it decides.
    public struct State: Sendable {
        /// The database's clock, in seconds since 1970-01-01 00:00 UTC.
        public let now: Double
        /// The last due moment for which there is a row; nil before the first.
        public let lastMoment: Int?
        /// The run that is going on, whoever started it.
        public let runningRunID: Int64?
        /// The run whose turn is next.
        public let next: QueuedRun?
        /// Runs of the schedule that wait for their turn.
        public let queuedBySchedule: Int
        /// Seconds until the next queued run may start, when none may yet.
        public let secondsUntilNext: Double?
    }

    /// Reads what a daemon needs to know.
    public static func state(channel: String, session: Session) throws -> State {
        try session.ours { session in
            let row = try session.execute(
                """
                select extract(epoch from clock_timestamp())::double precision,
                       (select extract(epoch from max(r.scheduled_for))::bigint from peerfolio.runs r
                        where r.channel = $1 and r.scheduled_for is not null),
                       (select r.run_id from peerfolio.runs r where r.channel = $1 and r.status = 'running'),
                       (select count(*) from peerfolio.runs r
                        where r.channel = $1 and r.status = 'queued' and r.trigger in ('schedule', 'catch_up')),
                       (select extract(epoch from min(r.not_before) - clock_timestamp())::double precision
                        from peerfolio.runs r where r.channel = $1 and r.status = 'queued')
                """,
                [.text(channel)]
            ).rows[0]
            let next = try session.execute(
                """
                select run_id, trigger, as_of_date::text, is_forced, attempt
                from peerfolio.runs
                where channel = $1 and status = 'queued' and (not_before is null or not_before <= clock_timestamp())
                order by run_id limit 1
                """,
                [.text(channel)]
            ).rows.first
            return State(
                now: try row.get(at: 0), lastMoment: try row.getIfPresent(at: 1),
                runningRunID: try row.getIfPresent(at: 2), next: try next.map(queuedRun),
                queuedBySchedule: try row.get(at: 3), secondsUntilNext: try row.getIfPresent(at: 4))
        }
    }

    private static func queuedRun(_ row: PostgresRow) throws -> QueuedRun {
        QueuedRun(
            runID: try row.get(at: 0), trigger: RunTrigger(rawValue: try row.get(at: 1)) ?? .request,
            asOf: (try row.getIfPresent(at: 2) as String?).flatMap { BusinessDate($0) }, isForced: try row.get(at: 3),
            attempt: try row.get(at: 4))
    }

    private static func moment(_ moment: Int?) -> PostgresParameter {
        moment.map { .double(Double($0)) } ?? .null
    }
}
