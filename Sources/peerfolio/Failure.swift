import ArgumentParser
import Configuration
import DemoWarehouse
import Foundation
import PeerSearch
import Postgres
import Recommending
import ResultStore
import Schema
import Scoring
import SourceReading

/// A command that a signal has stopped.
struct Cancelled: Error {
    /// Number of the signal.
    let signal: Int32
}

/// A usage or configuration error that a command finds by itself.
struct UsageError: Error, CustomStringConvertible {
    let description: String
}

/// The arguments of the process cannot be read.
struct UnreadableArguments: Error, CustomStringConvertible {
    let description = "the arguments cannot be read from /proc/self; nothing was done, try again"
}

/// How an error ends the process: one line on standard error and an exit code.
struct Failure {
    /// Exit codes, as in sysexits.h.
    enum Code: Int32 {
        case usage = 64
        case dataRefused = 65
        case unavailable = 69
        case bug = 70
        case tryAgain = 75
    }

    /// Exit code of the process.
    let code: Int32
    /// The line, without the leading `error: `; nil where nothing is wrong.
    let message: String?
    /// Text for standard output: help and version, which the argument parser reports as errors.
    let output: String?

    init(_ error: any Error) {
        var output: String?
        switch error {
        case let error as Cancelled:
            (code, message) = (128 + error.signal, "stopped by a signal; the published run is as it was")
        case let error as ExitCode:
            // The command has said what there is to say.
            (code, message) = (error.rawValue, nil)
        case let known where Self.classify(known) != nil:
            code = (Self.classify(known) ?? .bug).rawValue
            message = "\(known)"
        default:
            let parserCode = Peerfolio.exitCode(for: error)
            if parserCode.isSuccess {
                (code, message, output) = (0, nil, Peerfolio.fullMessage(for: error))
            } else if parserCode == .validationFailure {
                let text = Peerfolio.message(for: error).split(separator: "\n").joined(separator: " ")
                (code, message) = (Code.usage.rawValue, "\(text); see peerfolio --help")
            } else {
                // Its description might quote data.
                (code, message) = (Code.bug.rawValue, "unexpected \(type(of: error)); please report it")
            }
        }
        self.output = output
    }

    /// Prints and ends the process.
    func exit() -> Never {
        var code = code
        if let output {
            do {
                try Output.answer(output)
            } catch {
                Output.note("error: \(error)")
                code = Code.tryAgain.rawValue
            }
        }
        // The argument parser quotes what it does not understand, such as a URI in the wrong place.
        if let message { Output.note("error: \(Redactor.ofEnvironment.redact(Self.singleLine(message)))") }
        Foundation.exit(code)
    }

    private static func singleLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// The exit code of an error of ours; nil for others.
    private static func classify(_ error: any Error) -> Code? {
        switch error {
        case is UsageError, is ConfigurationError, is SchemaError, is DemoWarehouseError: .usage
        case let error as EvaluationError: error.code == .noTruth ? .dataRefused : .usage
        case is ItemMatrixError: .usage
        case is UnreadableArguments, is UnwritableOutput: .tryAgain
        case is PortfolioError: .dataRefused
        case let error as SourceError: classify(error)
        case let error as LocatedSourceError: classify(error.error)
        case let error as RunError: classify(error)
        case let error as ScoringError: classify(error)
        case let error as PostgresError: classify(error)
        default: nil
        }
    }

    private static func classify(_ error: SourceError) -> Code {
        switch error.code {
        case .relation, .column, .type, .privilege: .usage
        case .invalidText, .values: .dataRefused
        case .server: .unavailable
        case .protocolViolation: .bug
        }
    }

    private static func classify(_ error: RunError) -> Code {
        switch error.code {
        case .alreadyRunning, .fenceLost, .notQueued: .tryAgain
        case .noFreeSlot, .unknownRun, .notPublishable, .nothingToRollBack: .usage
        case .verificationFailed: .bug
        }
    }

    private static func classify(_ error: ScoringError) -> Code {
        switch error.code {
        case .dataRefused, .staleSource, .gradedWorse, .liveRunDamaged: .dataRefused
        case .runTimeout, .cancelRequested, .noChange: .tryAgain
        case .publicationUnknown: .unavailable
        case .unknownClient, .rightsMissing: .usage
        }
    }

    private static func classify(_ error: PostgresError) -> Code {
        switch error.code {
        case .invalidConninfo, .passwordInConninfo, .insecureTransport, .insecurePasswordFile: return .usage
        // Not unavailable: whoever tries again until it works locks the role out.
        case .authenticationFailed: return .usage
        case .connectionFailed, .serverNotVerified, .connectionLost, .timeout, .commitOutcomeUnknown:
            return .unavailable
        // No descriptors or no memory left.
        case .system: return .tryAgain
        default: break
        }
        guard let sqlState = error.sqlState else { return .bug }
        // A statement that ran into its time limit, and a server on which nothing can be written.
        if sqlState == "57014" { return .tryAgain }
        if sqlState == "25006" { return .unavailable }
        switch sqlState.prefix(2) {
        case "08", "57": return .unavailable
        case "40", "53", "55": return .tryAgain
        case "42", "3D", "3F", "28", "0A": return .usage
        case "22", "23": return .dataRefused
        default: return .bug
        }
    }
}
