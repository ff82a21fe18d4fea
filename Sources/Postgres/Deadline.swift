/// A point in time after which waiting ends.
struct Deadline {
    private let instant: ContinuousClock.Instant

    init(after duration: Duration) {
        instant = .now.advanced(by: duration)
    }

    /// The time that is left; negative once the deadline has passed.
    var remaining: Duration {
        ContinuousClock.now.duration(to: instant)
    }

    var hasPassed: Bool {
        remaining <= .zero
    }
}
