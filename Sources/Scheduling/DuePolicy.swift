/// What becomes of runs that were missed.
public enum CatchUp: String, Sendable, Hashable, CaseIterable {
    /// One run for all of them.
    case once
    /// Nothing.
    case none
}

/// What becomes of a run that is due while another is going on.
public enum Overlap: String, Sendable, Hashable, CaseIterable {
    /// It is skipped, and recorded as skipped.
    case skip
    /// It waits for its turn, one at most.
    case queue
}

/// What becomes of a run whose input and configuration are those of the live run.
public enum Unchanged: String, Sendable, Hashable, CaseIterable {
    /// It is skipped, and recorded as skipped.
    case skip
    /// It runs.
    case run
}

/// Decides what to do about due moments.
public struct DuePolicy: Sendable {
    /// How late a run may begin without having been missed, in seconds: as long as a daemon may be busy or restarting.
    public static let punctuality = 60.0

    /// The schedule.
    public let schedule: Schedule
    /// Whether missed runs are made up for.
    public let catchUp: CatchUp
    /// How old a missed run may be to be made up for, in seconds.
    public let grace: Double

    /// Creates a policy.
    public init(schedule: Schedule, catchUp: CatchUp, grace: Double) {
        self.schedule = schedule
        self.catchUp = catchUp
        self.grace = grace
    }

    /// What to do about the moments that have come.
    public struct Decision: Sendable, Hashable {
        /// A moment to run for.
        public struct Run: Sendable, Hashable {
            /// The moment, in seconds since 1970-01-01 00:00 UTC.
            public let moment: Int
            /// Whether it was missed and is made up for.
            public let isCatchUp: Bool
        }

        /// Moments that pass without a run.
        public struct Missed: Sendable, Hashable {
            /// The last of them, in seconds since 1970-01-01 00:00 UTC.
            public let moment: Int
            /// How many there are.
            public let count: Int
        }

        /// The moment to run for; nothing when none has come, or none is made up for.
        public var run: Run?
        /// The moments that pass.
        public var missed: Missed?
    }

    /// Decides about the moments after one and up to now.
    ///
    /// The last of them gets a run: at once when it has just come, and made up for when it is not too old. All others, of
    /// which there are some only after downtime, pass.
    ///
    /// - Parameters:
    ///   - handled: The last moment that was decided about, in seconds since 1970-01-01 00:00 UTC.
    ///   - now: The time, likewise.
    public func decide(after handled: Int, now: Double) -> Decision {
        let (moments, count) = schedule.moments(after: handled, through: Int(now.rounded(.down)), limit: 2)
        guard let last = moments.last else { return Decision() }
        let age = now - Double(last)
        var decision = Decision()
        if age <= Self.punctuality {
            decision.run = Decision.Run(moment: last, isCatchUp: false)
        } else if catchUp == .once && age <= grace {
            decision.run = Decision.Run(moment: last, isCatchUp: true)
        }
        if decision.run == nil {
            decision.missed = Decision.Missed(moment: last, count: count)
        } else if count > 1, let before = moments.first {
            decision.missed = Decision.Missed(moment: before, count: count - 1)
        }
        return decision
    }
}
