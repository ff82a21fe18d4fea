public import Holdings

/// What started a run.
public enum RunTrigger: String, Sendable {
    /// Somebody called `peerfolio run`.
    case manual
    /// The schedule.
    case schedule
    /// Somebody called `peerfolio.request_run` in the database.
    case request
    /// The company's own load job notified the channel `schedule.notify`.
    case notify
    /// A missed scheduled run that is made up for.
    case catchUp = "catch_up"
}

/// What is known of a run when it starts; becomes its row in `peerfolio.runs`.
public struct RunRequest: Sendable {
    /// Channel to publish in.
    public var channel: String
    /// What started it.
    public var trigger: RunTrigger
    /// Day whose holdings are scored.
    public var asOf: BusinessDate
    /// Effective configuration as JSON, without connection.
    public var configJSON: String
    /// Whether findings that refuse are overridden.
    public var isForced: Bool
    /// Host that runs it.
    public var host: String
    /// Process on that host.
    public var processID: Int32
    /// Version of the program.
    public var programVersion: String
    /// A run that gave no sign of life for so long is dead.
    public var lease: Duration
    /// Slot partitions that may be used.
    public var slotCount: Int
    /// The queued run that is to start; nil for one that nobody has queued.
    public var queuedRunID: Int64?

    /// Creates a request.
    public init(
        channel: String, trigger: RunTrigger, asOf: BusinessDate, configJSON: String, isForced: Bool, host: String,
        processID: Int32, programVersion: String, lease: Duration, slotCount: Int, queuedRunID: Int64? = nil
    ) {
        self.channel = channel
        self.trigger = trigger
        self.asOf = asOf
        self.configJSON = configJSON
        self.isForced = isForced
        self.host = host
        self.processID = processID
        self.programVersion = programVersion
        self.lease = lease
        self.slotCount = slotCount
        self.queuedRunID = queuedRunID
    }
}

/// The right to be the one live run of a channel: what every later statement of the run is conditional on.
public struct RunLease: Sendable {
    /// Number of the run.
    public let runID: Int64
    /// Fencing token: the channel's term when the run started.
    public let term: Int64
    /// Slot that the run loads into.
    public let slot: Int16
    /// Channel of the run.
    public let channel: String

    /// Where its rows lie.
    var place: RunPlace { RunPlace(runID: runID, slot: slot) }
}
