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
}
