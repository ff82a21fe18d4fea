public import Holdings
public import ResultStore

/// What the caller of a run asks for.
public struct RunOptions: Sendable {
    /// Day whose holdings are scored; nil for today by the database's clock.
    public var asOf: BusinessDate?
    /// Computes everything and writes nothing.
    public var isDryRun: Bool
    /// Publishes the result; otherwise it stays in its slot until `peerfolio publish`.
    public var publishes: Bool
    /// Goes on in spite of findings that refuse, and records it.
    public var isForced: Bool
    /// What started the run.
    public var trigger: RunTrigger
    /// The queued run that is to start; nil for one that nobody has queued.
    public var queuedRunID: Int64?
    /// Ends the run as skipped when input and configuration are those of the live run.
    public var skipsUnchanged: Bool

    /// Creates options.
    public init(
        asOf: BusinessDate? = nil, isDryRun: Bool = false, publishes: Bool = true, isForced: Bool = false,
        trigger: RunTrigger = .manual, queuedRunID: Int64? = nil, skipsUnchanged: Bool = false
    ) {
        self.asOf = asOf
        self.isDryRun = isDryRun
        self.publishes = publishes
        self.isForced = isForced
        self.trigger = trigger
        self.queuedRunID = queuedRunID
        self.skipsUnchanged = skipsUnchanged
    }
}

/// What a run tells while it goes on.
public enum RunEvent: Sendable {
    /// The run has its number and its slot.
    case started(runID: Int64)
    /// A phase has begun.
    case phase(RunPhase)
    /// Work done in the current phase: rows while reading, portfolios while searching, clients while writing.
    /// `total` is 0 where it is not known.
    case progress(RunPhase, done: Int, total: Int)
    /// Data-quality findings, before the run decides whether to go on.
    case findings([Finding])
    /// A model has been trained, which the run or its own backtest scores with.
    case trained(TrainedModel)
    /// Something that does not change the result, such as a role with more rights than a service should have.
    case warning(String)
}
