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
}
