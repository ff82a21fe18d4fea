import PeerSearch
import Postgres
import Recommending
import ResultStore
import Schema
import SourceReading

/// How the run log records an error that ended a run.
struct RunEnd: Sendable {
    let status: RunStatus
    let reasonCode: String
    /// In words, without data.
    let message: String
    let sqlState: String?
    /// False where the run log says it already, or must not be told.
    let isRecorded: Bool
    /// Whether another attempt may succeed.
    let mayPass: Bool

    init(_ error: any Error) {
        var status = RunStatus.failed
        var isRecorded = true
        switch error {
        case is CancellationError:
            (status, reasonCode) = (.cancelled, "CANCELLED")
        case let error as ScoringError:
            reasonCode =
                switch error.code {
                case .dataRefused: "DATA_REFUSED"
                case .runTimeout: "RUN_TIMEOUT"
                case .staleSource: "STALE_SOURCE"
                case .noChange: "NO_CHANGE"
                case .cancelRequested: "CANCEL_REQUESTED"
                case .rightsMissing: "RIGHTS_MISSING"
                case .publicationUnknown, .unknownClient, .gradedWorse, .liveRunDamaged: "INTERNAL"
                }
            isRecorded = error.code != .publicationUnknown
            switch error.code {
            case .staleSource, .noChange: status = .skipped
            case .cancelRequested: status = .cancelled
            default: break
            }
        case is PortfolioError:
            reasonCode = "DATA_REFUSED"
        case is SourceError, is ItemMatrixError:
            reasonCode = "SOURCE_REFUSED"
        case is SchemaError:
            reasonCode = "SCHEMA_REFUSED"
        case let error as RunError:
            reasonCode =
                switch error.code {
                case .verificationFailed: "VERIFICATION_FAILED"
                case .noFreeSlot: "NO_FREE_SLOT"
                default: "FENCE_LOST"
                }
            isRecorded = error.code != .fenceLost
        case let error as PostgresError:
            reasonCode = error.isRetryable ? "DATABASE_UNAVAILABLE" : "DATABASE_ERROR"
        default:
            reasonCode = "INTERNAL"
        }
        self.status = status
        self.isRecorded = isRecorded
        // Descriptions of our own errors are free of data; those of others need not be.
        switch error {
        case is CancellationError: message = "the run was cancelled"
        case is ScoringError, is PortfolioError, is SourceError, is ItemMatrixError, is SchemaError, is RunError,
            is PostgresError:
            message = "\(error)"
        default: message = "an unexpected error of type \(type(of: error))"
        }
        sqlState = (error as? PostgresError)?.sqlState
        mayPass = (error as? PostgresError)?.mayPass ?? ((error as? SourceError)?.code == .server)
    }
}

extension PostgresError {
    /// Whether a later attempt may succeed: what ``isRetryable`` says, a standby that may be promoted, descriptors or
    /// memory that may be free again, and a COMMIT of which it is not known whether it happened.
    var mayPass: Bool {
        isRetryable || sqlState == "25006" || code == .system || code == .commitOutcomeUnknown
    }
}
