/// How long to wait before another attempt: exponentially longer, up to a limit, with jitter.
///
/// Half of a wait is certain and half is random, so that those who failed together do not come back together (the "equal
/// jitter" of Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog 2015).
public struct Backoff: Sendable, Hashable {
    /// The wait before the second attempt, without jitter.
    public let first: Duration
    /// The longest wait.
    public let longest: Duration

    /// Creates a policy.
    public init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    /// The wait after an attempt.
    ///
    /// - Parameters:
    ///   - attempt: The attempt that has failed, from 1.
    ///   - random: A number from 0 to 1.
    public func delay(afterAttempt attempt: Int, random: Double = .random(in: 0...1)) -> Duration {
        var delay = min(first, longest)
        var attempt = attempt
        while attempt > 1 && delay < longest {
            delay = min(delay * 2, longest)
            attempt -= 1
        }
        return delay / 2 + delay / 2 * random
    }
}
