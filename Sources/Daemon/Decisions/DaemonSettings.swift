import Configuration
import Scheduling
import Scoring

/// The part of the configuration that the daemon's decisions depend on.
struct DaemonSettings: Sendable, Hashable {
    /// When runs are due, and what becomes of due moments: the section `schedule`.
    struct Timetable: Sendable, Hashable {
        var schedule: Schedule
        var catchUp: CatchUp
        var grace: Duration
        var overlap: Overlap
        var unchanged: Unchanged
        var notifyChannel: String?
        var poll: Duration
        var shutdownGrace: Duration
    }

    /// How often, and after which waits, an attempt is repeated: the section `retry`.
    struct Retry: Sendable, Hashable {
        var attempts: Int
        var backoff: Backoff
    }

    /// Channel that the daemon acts for.
    var channel: String
    /// What is due when, and what becomes of it.
    var scheduling: Timetable
    /// How often, and after which waits, an attempt is repeated.
    var retry: Retry
    /// Another daemon takes over after so long without a sign of life.
    var lease: Duration
    /// Path of the file of figures for Prometheus; nil for none.
    var metricsFile: String?
    /// To be told at every run; nil for nothing.
    var transportWarning: String?
}

extension DaemonSettings {
    init(_ installation: Installation) {
        let configuration = installation.configuration
        let (scheduling, retry) = (configuration.scheduling, configuration.retry)
        self.init(
            channel: configuration.publish.channel,
            scheduling: Timetable(
                schedule: scheduling.schedule, catchUp: scheduling.catchUp, grace: scheduling.grace,
                overlap: scheduling.overlap, unchanged: scheduling.unchanged, notifyChannel: scheduling.notifyChannel,
                poll: scheduling.poll, shutdownGrace: scheduling.shutdownGrace),
            retry: Retry(attempts: retry.attempts, backoff: retry.backoff), lease: configuration.timeouts.lease,
            metricsFile: configuration.metrics.textfile, transportWarning: installation.transportWarning)
    }
}
