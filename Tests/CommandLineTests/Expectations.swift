import Foundation
import TestSupport
import Testing

/// Expects the contract of a failing command: this exit code, nothing on standard output, and exactly one line
/// `error: …` on standard error, the last.
func expectFailure(
    _ outcome: ChildProcess.Outcome, _ code: Int32, saying texts: String...,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(outcome.ending == .exit(code), "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output == "", sourceLocation: sourceLocation)
    let errors = outcome.errorLines.filter { $0.hasPrefix("error: ") }
    #expect(
        errors.count == 1 && outcome.errorLines.last == errors.last, "\(outcome.errors)", sourceLocation: sourceLocation
    )
    #expect(outcome.errors.hasSuffix("\n"), sourceLocation: sourceLocation)
    for text in texts {
        #expect(outcome.errorLines.last?.contains(text) == true, "\(outcome.errors)", sourceLocation: sourceLocation)
    }
}

/// Expects a command that has done what it should, and returns its standard output.
@discardableResult
func expectSuccess(
    _ outcome: ChildProcess.Outcome, sourceLocation: SourceLocation = #_sourceLocation
) -> String {
    #expect(outcome.ending == .exit(0), "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(!outcome.errors.contains("error: "), "\(outcome.errors)", sourceLocation: sourceLocation)
    return outcome.output
}

/// The one JSON object that a command printed.
func jsonObject(_ text: String) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require(value as? [String: Any])
}
