public import Postgres

/// The run log as people and programs read it, by the views that reports have.
public struct RunHistory {
    private let store: StoreSession

    /// Creates the history over a session outside a transaction.
    ///
    /// - Parameter statementTimeout: The server's limit for each statement.
    public init(_ session: Session, statementTimeout: Duration = .seconds(30)) {
        store = StoreSession(session, statementTimeout)
    }

    /// The newest runs, newest first.
    ///
    /// - Parameters:
    ///   - limit: How many at most.
    ///   - channel: Only those of this channel, or all.
    public func newest(_ limit: Int, channel: String? = nil) throws -> [RunRecord] {
        try store.transaction { session in
            try session.execute(
                """
                select \(RunRecord.columns) from peerfolio_bi.run_history h
                where $2::text is null or h.channel = $2 order by h.run_id desc limit $1
                """,
                [.bigint(Int64(limit)), .textOrNull(channel)]
            ).rows.map(RunRecord.init)
        }
    }

    /// The newest attempt of a run, or nil when it is not in the log.
    public func newestAttempt(of runID: Int64) throws -> RunRecord? {
        try store.transaction { session in
            try session.execute(
                """
                select \(RunRecord.columns) from peerfolio_bi.run_history h where $1 in (h.run_id, h.retry_of)
                order by h.run_id desc limit 1
                """,
                [.bigint(runID)]
            ).rows.first.map(RunRecord.init)
        }
    }

    /// The state of a channel; nil when no run of it has ever started.
    public func health(ofChannel channel: String) throws -> RunHealth? {
        try store.transaction { session in
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
