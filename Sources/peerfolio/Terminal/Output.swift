import Evaluation
import Foundation

/// Standard output and standard error of a command.
enum Output {
    /// Writes a line to standard error.
    static func note(_ text: String) {
        toStandardError(text + "\n")
    }

    /// Writes to standard error; what cannot be written, because a disk is full, is dropped.
    static func toStandardError(_ text: String) {
        // The method that does not throw would end the process, and with it a run or the daemon.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }

    /// Writes to standard output what the command was asked for.
    ///
    /// - Throws: ``UnwritableOutput`` where it cannot be written as a whole.
    static func answer(_ text: String, terminator: String = "\n") throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data((text + terminator).utf8))
        } catch {
            throw UnwritableOutput()
        }
    }

    /// Writes to standard output what the command has done, which stays done where that cannot be written.
    static func confirm(_ text: String) {
        do {
            try answer(text)
        } catch {
            note("warning: \(error); what was asked for is done")
        }
    }

    /// A value as one JSON object or array with sorted keys.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// A text on one line, and with nothing that a terminal would obey.
    static func line(_ text: String) -> String {
        text.replacing(/[\p{C}\p{Zl}\p{Zp}]/.matchingSemantics(.unicodeScalar), with: " ")
    }

    /// A whole number with separators between thousands.
    static func grouped(_ number: Int) -> String { NumberFormat.terminal.grouped(number) }

    /// A number with a fixed count of decimals.
    static func fixed(_ number: Double, _ decimals: Int) -> String { NumberFormat.terminal.fixed(number, decimals) }
}

/// Standard output is closed, or its disk is full.
struct UnwritableOutput: Error, CustomStringConvertible {
    let description = "standard output cannot be written"
}
