import ResultStore

/// What ``DaemonState`` reacts to.
enum DaemonEvent: Sendable {
    // MARK: From outside, while nothing is asked

    /// The process has begun.
    case started
    /// The moment to look around has come; the number tells a timer from those before it.
    case timer(Int)
    /// The database has notified a channel.
    case notification(channel: String)
    /// The run that was going on has ended.
    case runEnded(EndedRun)
    /// SIGHUP: the configuration is to be read again.
    case hangUp
    /// The daemon is to stop.
    case shutdown
    /// The run that was going on at the shutdown has had its time.
    case graceIsOver

    // MARK: Answers to a ``DaemonQuestion``

    /// The configuration was read and holds from now on.
    case configurationRead(DaemonSettings)
    /// The configuration has a mistake, in words; the old one stays.
    case configurationRefused(String)
    /// There is a connection.
    case connected
    /// What there is to say about the rights of the connection's role.
    case remarks([String])
    /// Who holds the lease.
    case lease(SchedulerLease.Outcome)
    /// The end of a run is dealt with, and its next attempt queued; nil when there is none.
    case settled(nextAttempt: Int64?)
    /// These runs were found dead.
    case revived(dead: [Int64])
    /// What was due is queued or skipped: how the queue is now, and what there is to tell of it.
    case queue(RunQueue.State, warnings: [String])
    /// The metrics file is written; or why it is not, in words.
    case metrics(failure: String?)
    /// The database did not answer; whether it has refused the role, and what happened, in words.
    case databaseFailed(isRefusal: Bool, String)
}
