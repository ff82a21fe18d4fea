public import Postgres

/// Whether all is well in a channel, from `peerfolio_bi.run_health`.
public struct RunHealth: Sendable, Encodable {
    /// The published run.
    public let liveRunID: Int64?
    /// Its business date.
    public let liveAsOf: String?
    /// When it was published, as the server writes it.
    public let publishedAt: String?
    /// The run that is going on.
    public let runningRunID: Int64?
    /// What it is doing.
    public let runningPhase: String?
    /// Runs that wait.
    public let queuedRuns: Int
    /// The newest failed run.
    public let lastFailedRunID: Int64?
    /// When it failed, as the server writes it.
    public let lastFailedAt: String?
    /// Why, as a code.
    public let lastFailureCode: String?
    /// Why, in words.
    public let lastFailure: String?
    /// Failed runs since the newest success.
    public let failuresSinceSuccess: Int
    /// Machine of the daemon that acts, or acted last.
    public let schedulerHost: String?
    /// Its process.
    public let schedulerProcessID: Int?
    /// Whether it has given a sign of life within its lease.
    public let isSchedulerAlive: Bool
    /// Its schedule.
    public let schedule: String?
    /// The next due moment, as the server writes it.
    public let nextRunAt: String?
    /// When the published run was published, in seconds since 1970-01-01 00:00 UTC.
    public let publishedEpoch: Double?
    /// The next due moment, likewise.
    public let nextRunEpoch: Double?

    enum CodingKeys: String, CodingKey {
        case schedule
        case liveRunID = "live_run_id"
        case liveAsOf = "live_as_of"
        case publishedAt = "published_at"
        case runningRunID = "running_run_id"
        case runningPhase = "running_phase"
        case queuedRuns = "queued_runs"
        case lastFailedRunID = "last_failed_run_id"
        case lastFailedAt = "last_failed_at"
        case lastFailureCode = "last_failure_code"
        case lastFailure = "last_failure"
        case failuresSinceSuccess = "failures_since_success"
        case schedulerHost = "scheduler_host"
        case schedulerProcessID = "scheduler_process_id"
        case isSchedulerAlive = "is_scheduler_alive"
        case nextRunAt = "next_run_at"
        case publishedEpoch = "published_epoch"
        case nextRunEpoch = "next_run_epoch"
    }

    /// The state of a channel; nil when no run of it has ever started.
    public static func current(channel: String, session: Session) throws -> RunHealth? {
        try session.ours { session in
            try session.execute(
                """
                select live_run_id, live_as_of_date::text, to_char(published_at, 'YYYY-MM-DD HH24:MI:SS TZH:TZM'),
                       running_run_id, running_phase, queued_runs, last_failed_run_id,
                       to_char(last_failed_at, 'YYYY-MM-DD HH24:MI:SS TZH:TZM'), last_failure_code, last_failure,
                       failures_since_success, scheduler_host, scheduler_process_id, is_scheduler_alive, schedule,
                       to_char(next_run_at, 'YYYY-MM-DD HH24:MI:SS TZH:TZM'),
                       extract(epoch from published_at)::double precision,
                       extract(epoch from next_run_at)::double precision
                from peerfolio_bi.run_health where channel = $1
                """,
                [.text(channel)]
            ).rows.first.map { row in
                RunHealth(
                    liveRunID: try row.getIfPresent(at: 0), liveAsOf: try row.getIfPresent(at: 1),
                    publishedAt: try row.getIfPresent(at: 2), runningRunID: try row.getIfPresent(at: 3),
                    runningPhase: try row.getIfPresent(at: 4), queuedRuns: try row.get(at: 5),
                    lastFailedRunID: try row.getIfPresent(at: 6), lastFailedAt: try row.getIfPresent(at: 7),
                    lastFailureCode: try row.getIfPresent(at: 8), lastFailure: try row.getIfPresent(at: 9),
                    failuresSinceSuccess: try row.get(at: 10), schedulerHost: try row.getIfPresent(at: 11),
                    schedulerProcessID: try row.getIfPresent(at: 12), isSchedulerAlive: try row.get(at: 13),
                    schedule: try row.getIfPresent(at: 14), nextRunAt: try row.getIfPresent(at: 15),
                    publishedEpoch: try row.getIfPresent(at: 16), nextRunEpoch: try row.getIfPresent(at: 17))
            }
        }
    }
}
