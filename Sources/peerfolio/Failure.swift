import ArgumentParser
import Foundation
import Postgres

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
        default:
            if let known = Code(error) {
                (code, message) = (known.rawValue, "\(error)")
                break
            }
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
}
