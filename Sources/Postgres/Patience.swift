/// How long an operation waits, and for whom.
struct Patience {
    /// The time limit, from the start or, for a COPY, from the last step.
    let limit: Duration

    /// Whether an interrupt ends the waiting; off for COMMIT and for clean-up, which must come to their end.
    let heedsInterrupt: Bool

    private(set) var deadline: Deadline
    private var stopsLeft = 0

    init(limit: Duration, heedsInterrupt: Bool) {
        self.limit = limit
        self.heedsInterrupt = heedsInterrupt
        deadline = Deadline(after: limit)
    }

    /// Gives the next step the whole limit again.
    mutating func restart() {
        deadline = Deadline(after: limit)
    }

    /// The patience with a command that is being stopped: a quarter of a second, 20 times, which makes
    /// ``LibPQConnection/cancelGrace``.
    static var stopping: Patience {
        var patience = Patience(limit: .milliseconds(250), heedsInterrupt: false)
        patience.stopsLeft = 19
        return patience
    }

    /// The patience after another request to stop; `nil` when enough were sent, or when the command is to go on.
    var nextStop: Patience? {
        guard stopsLeft > 0 else { return nil }
        var next = self
        next.stopsLeft -= 1
        next.restart()
        return next
    }
}
