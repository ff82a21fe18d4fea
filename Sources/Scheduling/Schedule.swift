/// When runs are due: some cron expressions by the clocks of one time zone.
///
/// Each minute on the wall is due once. An hour that comes twice, because clocks are set back, is due the first time. A
/// time that is skipped, because they are set forward, is due right after; several skipped times are due once.
public struct Schedule: Sendable, Hashable, CustomStringConvertible {
    /// The expressions; a moment at which any of them is due counts once.
    public let expressions: [CronExpression]
    /// The clocks that show the time.
    public let clock: WallClock

    /// Creates a schedule.
    public init(_ expressions: [CronExpression], clock: WallClock) {
        self.expressions = expressions
        self.clock = clock
    }

    /// The expressions and the time zone; empty without an expression.
    public var description: String {
        expressions.isEmpty ? "" : "\(expressions.map(\.text).joined(separator: "; ")) (\(clock.zoneName))"
    }

    /// The first moment after another at which something is due; nothing without expressions.
    ///
    /// - Parameter instant: Seconds since 1970-01-01 00:00 UTC.
    public func next(after instant: Int) -> Int? {
        expressions.map { next($0, after: instant) }.min()
    }

    private func next(_ expression: CronExpression, after instant: Int) -> Int {
        // What the clocks have shown before is not later than now, see `WallClock.instant(of:)`.
        var shown = clock.time(at: instant)
        while true {
            let due = expression.next(notBefore: shown)
            let moment = clock.instant(of: due)
            if moment > instant { return moment }
            shown = WallTime(secondNumber: due.secondNumber + 60)
        }
    }

    /// The due moments after one moment and up to another, ascending, at most so many of the last of them.
    ///
    /// - Parameter limit: At least 1.
    /// - Returns: The moments, and how many there are in all.
    public func moments(
        after instant: Int, through last: Int, limit: Int
    ) -> (moments: [Int], count: Int) {
        var (moments, count) = ([Int](), 0)
        var moment = next(after: instant)
        while let due = moment, due <= last {
            count += 1
            moments.append(due)
            if moments.count > limit { moments.removeFirst() }
            moment = next(after: due)
        }
        return (moments, count)
    }
}
