/// What has become of a run.
public enum RunStatus: String, Sendable, Codable {
    /// Waiting for its turn.
    case queued
    /// Going on.
    case running
    /// Loaded and verified; published unless told otherwise.
    case succeeded
    /// Ended by an error.
    case failed
    /// Stopped by somebody.
    case cancelled
    /// Not started, on purpose.
    case skipped
}

/// What a run is doing; the raw value is stored.
public enum RunPhase: String, Sendable, Codable, CaseIterable {
    /// Getting the lease and a slot.
    case start
    /// Reading the sources.
    case read
    /// Encoding holdings into distinct portfolios.
    case encode
    /// Searching peers and scoring.
    case search
    /// Writing rows into the slot.
    case write
    /// Verifying in SQL what was written.
    case check
    /// Moving the publication pointer.
    case publish
    /// Ended.
    case done

    /// Whether the run's row may have been ended by the run itself.
    package var isFinal: Bool { self == .publish || self == .done }
}
