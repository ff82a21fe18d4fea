package import Scheduling

/// How often an attempt is repeated after a passing fault.
package struct RetryKeys: KeySection {
    package let attempts = Key(
        "retry.attempts", .integer(1...100), default: 3, "Attempts in all, when a fault is one that passes.")
    let delay = Key(
        "retry.delay", .duration, default: .seconds(30),
        "Wait before the second attempt; doubled for each further one.")
    let maxDelay = Key(
        "retry.max_delay", .duration, default: .minutes(15), "Longest wait before another attempt.")

    package var changes: KeyEffect { .nothing }
}

extension ConfigurationSection<RetryKeys> {
    /// How long to wait before each attempt.
    package var backoff: Backoff { Backoff(first: self.delay, longest: self.maxDelay) }
}
