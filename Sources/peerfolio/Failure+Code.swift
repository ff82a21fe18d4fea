import ArgumentParser
import Configuration
import DemoWarehouse
import ResultStore
import Scoring

extension Failure {
    /// Exit codes, as in sysexits.h.
    enum Code: Int32, CaseIterable {
        case done = 0
        case usage = 64
        case dataRefused = 65
        case unavailable = 69
        case bug = 70
        case tryAgain = 75

        /// What the end of a run means to whoever waits for it.
        ///
        /// - Parameters:
        ///   - reason: Why it has no result, or one that is not published.
        ///   - sqlState: The server's code for the failure, if it gave one.
        init(_ reason: RunReason, sqlState: String?) {
            self =
                switch reason {
                case .noChange, .notPublished: .done
                case .sourceRefused, .rightsMissing, .schemaRefused, .noFreeSlot: .usage
                case .dataRefused, .staleSource, .gradedWorse: .dataRefused
                case .commitLost: .unavailable
                case .verificationFailed, .internalError: .bug
                case .missed, .overlap, .cancelled, .cancelRequested, .fenceLost, .runTimeout, .outOfResources,
                    .abandoned:
                    .tryAgain
                // A database that is not there may yet be restored. For the rest trying again does not help, and a role
                // is locked out by whoever tries until its password works.
                case .connectionRefused: sqlState == "3D000" ? .unavailable : .usage
                case .databaseUnavailable: sqlState.map(Self.refusal) == .tryAgain ? .tryAgain : .unavailable
                case .databaseError: sqlState.map(Self.refusal) ?? .bug
                }
        }

        /// What a statement that the server has refused means.
        private static func refusal(sqlState: String) -> Code {
            // A statement that ran into its time limit, and a server on which nothing can be written.
            if sqlState == "57014" { return .tryAgain }
            if sqlState == "25006" { return .unavailable }
            return switch sqlState.prefix(2) {
            case "08", "57": .unavailable
            case "40", "53", "55": .tryAgain
            case "42", "3D", "3F", "28", "0A": .usage
            case "22", "23": .dataRefused
            default: .bug
            }
        }

        /// The exit code of an error of ours; nil for others.
        ///
        /// An error that ends a run has the code of its reason, or where that leaves it open of its SQLSTATE.
        init?(_ error: any Error) {
            switch error {
            case let error as LocatedSourceError:
                self.init(error.error)
                return
            case is UsageError, is ConfigurationError, is DemoWarehouseError: self = .usage
            case is UnreadableArguments, is UnwritableOutput: self = .tryAgain
            case let error as EvaluationError: self = error.code == .noTruth ? .dataRefused : .usage
            case let error as RunError where error.code.isAboutAnEarlierRun: self = .usage
            case let error as ScoringError where error.code == .unknownClient: self = .usage
            case let error as ScoringError where error.code == .liveRunDamaged: self = .dataRefused
            // Commands throw what has cancelled them.
            case is CancellationError: return nil
            default:
                guard let reason = RunFailure.reason(of: error) else { return nil }
                self.init(reason, sqlState: RunFailure.sqlState(of: error))
            }
        }
    }
}

extension RunError.Code {
    /// Whether it says that somebody has named a run that cannot be what it is to be.
    fileprivate var isAboutAnEarlierRun: Bool {
        switch self {
        case .unknownRun, .notPublishable, .nothingToRollBack: true
        case .alreadyRunning, .notQueued, .fenceLost, .noFreeSlot, .verificationFailed: false
        }
    }
}
