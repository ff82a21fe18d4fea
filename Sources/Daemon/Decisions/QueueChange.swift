import ResultStore

/// A change of the run queue that was decided on.
enum QueueChange: Sendable, Equatable {
    /// Queues a run for a due moment, in seconds since 1970-01-01 00:00 UTC.
    case add(RunTrigger, moment: Int)
    /// Records that a due moment passes without a run.
    case skip(RunTrigger, moment: Int, because: RunReason, message: String)
    /// Queues a run for a load, unless one is waiting already.
    case addForNotification
    /// Ends a run that is still queued.
    case end(Int64, because: RunReason, message: String, sqlState: String? = nil)
    /// Lets a run that is still queued wait.
    case postpone(Int64, by: Duration)
    /// Queues another attempt of a run that has ended.
    case retry(Int64, after: Duration, attemptLimit: Int)
}
