/// Why a run has no result, or one that is not published.
///
/// The raw value is stored in `peerfolio.runs.reason_code` and never changes. The article Operations has the table of all
/// codes for people; a test compares it with this one.
public enum RunReason: String, Sendable, Hashable, Codable, CaseIterable {
    /// It was due while no scheduler ran.
    case missed = "MISSED"
    /// It was due while another run was going on or waiting.
    case overlap = "OVERLAP"
    /// Input and configuration are those of the live run.
    case noChange = "NO_CHANGE"
    /// The sources are older than `freshness.max_age` allows.
    case staleSource = "STALE_SOURCE"

    /// A signal has stopped it, or `peerfolio.cancel_run` before it started.
    case cancelled = "CANCELLED"
    /// `peerfolio.cancel_run` has stopped it.
    case cancelRequested = "CANCEL_REQUESTED"

    /// It succeeded, and nobody wanted it published.
    case notPublished = "NOT_PUBLISHED"
    /// It succeeded, and its own backtest says that it is worse than popularity.
    case gradedWorse = "GRADED_WORSE"

    /// What the sources hold is refused.
    case dataRefused = "DATA_REFUSED"
    /// The sources are not what the configuration says.
    case sourceRefused = "SOURCE_REFUSED"
    /// The role lacks rights.
    case rightsMissing = "RIGHTS_MISSING"
    /// The schema is not this program's.
    case schemaRefused = "SCHEMA_REFUSED"
    /// Every slot is in use by a live, previous or running run.
    case noFreeSlot = "NO_FREE_SLOT"
    /// The server does not accept the role, or the connection is not set up as it must be.
    case connectionRefused = "CONNECTION_REFUSED"
    /// The channel has gone on to another term although the run had not ended.
    case fenceLost = "FENCE_LOST"
    /// It took longer than `timeouts.run`.
    case runTimeout = "RUN_TIMEOUT"
    /// What was loaded is not what was sent.
    case verificationFailed = "VERIFICATION_FAILED"
    /// The server refused a statement, and would refuse it again.
    case databaseError = "DATABASE_ERROR"
    /// The database could not be used for the moment.
    case databaseUnavailable = "DATABASE_UNAVAILABLE"
    /// This machine had no descriptors or no memory left for a connection.
    case outOfResources = "OUT_OF_RESOURCES"
    /// Its process or connection ended without a word.
    case abandoned = "ABANDONED"
    /// The connection ended during the COMMIT that was to publish it, and that COMMIT did not happen.
    case commitLost = "COMMIT_LOST"
    /// A bug, or an answer from the server that nobody expects.
    case internalError = "INTERNAL"

    /// What a run with this reason has become.
    public var status: RunStatus {
        switch self {
        case .missed, .overlap, .noChange, .staleSource: .skipped
        case .cancelled, .cancelRequested: .cancelled
        case .notPublished, .gradedWorse: .succeeded
        case .dataRefused, .sourceRefused, .rightsMissing, .schemaRefused, .noFreeSlot, .connectionRefused, .fenceLost,
            .runTimeout, .verificationFailed, .databaseError, .databaseUnavailable, .outOfResources, .abandoned,
            .commitLost, .internalError:
            .failed
        }
    }

    /// Whether the failure is transient, so that the scheduler repeats the run.
    public var isRepeated: Bool {
        switch self {
        case .databaseUnavailable, .outOfResources, .abandoned, .commitLost: true
        default: false
        }
    }
}
