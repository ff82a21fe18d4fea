import PeerSearch
import Postgres
import Recommending
public import ResultStore
import Schema
import SourceReading

/// What an error that ended a run means: to the run log, to the scheduler, and to whoever started it.
public struct RunFailure: Sendable {
    /// Why, for programs.
    public let reason: RunReason
    /// Why, in words, without data.
    public let message: String
    /// The server's code for the failure, if it gave one.
    public let sqlState: String?
    /// False where the run log says it already, or must not be told.
    let isRecorded: Bool

    /// What the run log says, or is to say.
    public var status: RunStatus { reason.status }
    /// Whether another attempt may succeed: the database could not be used, and nothing is wrong with data or
    /// configuration.
    public var mayPass: Bool { reason.isRepeated }
    /// Whether the run did not start because another one is going on.
    public var isOverlap: Bool { reason == .overlap }
    /// Whether the run was skipped on purpose.
    public var isSkip: Bool { status == .skipped }
    /// Whether somebody stopped the run.
    public var isCancelled: Bool { reason == .cancelled }

    /// Looks into an error.
    public init(_ error: any Error) {
        let known = Self.reason(of: error)
        reason = known ?? .internalError
        // Descriptions of our own errors are free of data; those of others need not be.
        message =
            switch known {
            case .cancelled: "the run was cancelled"
            case nil: "an unexpected error of type \(type(of: error))"
            default: "\(error)"
            }
        sqlState = Self.sqlState(of: error)
        isRecorded = (error as? ScoringError)?.code != .publicationUnknown
    }

    /// The reason that the run log has for a run which an error ended; nil for an error that no run ends with.
    public static func reason(of error: any Error) -> RunReason? {
        switch error {
        case is CancellationError: .cancelled
        case is PortfolioError: .dataRefused
        case is SignalError: .sourceRefused
        case is SchemaError: .schemaRefused
        case let error as SourceError: error.endOfRun
        case let error as RunError: error.endOfRun
        case let error as ScoringError: error.endOfRun
        case let error as PostgresError: error.endOfRun
        default: nil
        }
    }

    /// The server's code for an error, if it gave one.
    public static func sqlState(of error: any Error) -> String? {
        (error as? PostgresError)?.sqlState
    }
}

extension SourceError {
    /// Why a run ended with it.
    fileprivate var endOfRun: RunReason {
        switch code {
        case .relation, .column, .type, .privilege, .rowSecurity: .sourceRefused
        case .invalidText, .values: .dataRefused
        case .server: .databaseUnavailable
        case .protocolViolation: .internalError
        }
    }
}

extension RunError {
    /// Why a run ended with it.
    fileprivate var endOfRun: RunReason? {
        switch code {
        case .alreadyRunning: .overlap
        case .notQueued, .fenceLost: .fenceLost
        case .noFreeSlot: .noFreeSlot
        case .verificationFailed: .verificationFailed
        case .unknownRun, .notPublishable, .nothingToRollBack: nil
        }
    }
}

extension ScoringError {
    /// Why a run ended with it.
    fileprivate var endOfRun: RunReason? {
        switch code {
        case .dataRefused: .dataRefused
        case .runTimeout: .runTimeout
        case .staleSource: .staleSource
        case .noChange: .noChange
        case .cancelRequested: .cancelRequested
        case .rightsMissing: .rightsMissing
        case .gradedWorse: .gradedWorse
        case .publicationUnknown: .commitLost
        case .unknownClient, .liveRunDamaged: nil
        }
    }
}

extension PostgresError {
    /// Why a run ended with it.
    fileprivate var endOfRun: RunReason {
        switch code {
        case .invalidConninfo, .passwordInConninfo, .insecureTransport, .insecurePasswordFile, .authenticationFailed:
            .connectionRefused
        case .connectionFailed where !isRetryable: .connectionRefused
        case .system: .outOfResources
        default: mayPass ? .databaseUnavailable : .databaseError
        }
    }

    /// Whether a later attempt may succeed: what ``isRetryable`` says, a standby that may be promoted, descriptors or
    /// memory that may be free again, and a COMMIT of which it is not known whether it happened.
    var mayPass: Bool {
        isRetryable || sqlState == "25006" || code == .system || code == .commitOutcomeUnknown
    }
}
