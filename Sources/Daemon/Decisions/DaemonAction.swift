import Logging
import ResultStore

/// What ``DaemonState`` wants done.
enum DaemonAction: Sendable, Equatable {
    /// Writes to the log.
    case log(Logger.Level, String, [String: String] = [:])
    /// Sends ``DaemonEvent/timer(_:)`` with this number after a while, in place of any timer before.
    case setTimer(Int, Duration)
    /// Sends ``DaemonEvent/graceIsOver`` after a while.
    case setGraceTimer(Duration)
    /// Starts a run, and sends ``DaemonEvent/runEnded(_:)`` when it has ended.
    case start(QueuedRun, skipsUnchanged: Bool)
    /// Cancels the run that is going on.
    case cancelRun
    /// Sends ``DaemonEvent/notification(channel:)`` for these channels, over a connection of its own.
    case listen(to: [String])
    /// Ends that.
    case stopListening
    /// Gives up the lease of a channel, if the database can be reached.
    case releaseLease(channel: String)
    /// Closes the connection.
    case disconnect
    /// Asks, and hands back the answer as an event before anything else: always the last action.
    case ask(DaemonQuestion)
}

/// What ``DaemonState`` must know before it can go on.
///
/// Each is answered by an event of its own or, where it goes to the database, by ``DaemonEvent/databaseFailed``.
enum DaemonQuestion: Sendable, Equatable {
    /// What is the configuration now? Answered by ``DaemonEvent/configurationRead(_:)`` or
    /// ``DaemonEvent/configurationRefused(_:)``.
    case readConfiguration
    /// Can the database be reached? Answered by ``DaemonEvent/connected``.
    case connect
    /// What about the role's rights? Answered by ``DaemonEvent/remarks(_:)``.
    case readRemarks
    /// Who holds the lease, once this daemon has tried to get or renew it? It tells the next due moment, in seconds since
    /// 1970-01-01 00:00 UTC. Answered by ``DaemonEvent/lease(_:)``.
    case acquireLease(nextMoment: Int?)
    /// What attempt comes next, after these changes? Answered by ``DaemonEvent/settled(nextAttempt:)``.
    case settle([QueueChange])
    /// Which runs are dead, once they are marked as such and all that is to be repeated is queued? Answered by
    /// ``DaemonEvent/revived(dead:)``.
    case reviveDeadRuns
    /// What waits in the queue, once what is due is dealt with? Answered by ``DaemonEvent/queue(_:warnings:)``.
    case queueDue(DueRuns)
    /// Can the metrics file be written? Answered by ``DaemonEvent/metrics(failure:)``.
    case writeMetrics(isActing: Bool)
}
