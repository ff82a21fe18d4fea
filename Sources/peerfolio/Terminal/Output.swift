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

    /// Prints a value as one JSON object or array with sorted keys.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// A whole number with separators between thousands.
    static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var groups: [Substring] = []
        var rest = digits[...]
        while rest.count > 3 {
            groups.insert(rest.suffix(3), at: 0)
            rest = rest.dropLast(3)
        }
        return (number < 0 ? "-" : "") + ([rest] + groups).joined(separator: ",")
    }

    /// A number with a fixed count of decimals.
    static func fixed(_ number: Double, _ decimals: Int) -> String {
        String(format: "%.\(decimals)f", number)
    }
}
