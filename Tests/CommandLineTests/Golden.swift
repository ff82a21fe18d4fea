import Foundation
import Testing

/// A file with what a command printed when somebody last reviewed it.
enum Golden {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Goldens")

    /// Compares a text with the golden of this name; with `UPDATE_GOLDENS=1` makes it the golden.
    static func expect(_ text: String, is name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let file = folder.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
            try Data(text.utf8).write(to: file)
            return
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        guard golden != text else { return }
        let (expected, found) = (
            golden.split(separator: "\n", omittingEmptySubsequences: false),
            text.split(separator: "\n", omittingEmptySubsequences: false)
        )
        let line = zip(expected, found).prefix { $0 == $1 }.count
        func shown(_ lines: [Substring]) -> Substring { line < lines.count ? lines[line] : "(its end)" }
        Issue.record(
            """
            \(name) differs from line \(line + 1) on; if that is right, run the tests with UPDATE_GOLDENS=1.
            golden: \(shown(expected))
            found:  \(shown(found))
            """, sourceLocation: sourceLocation)
    }
}

/// JSON that a command printed, with what differs from run to run replaced.
enum NormalizedJSON {
    /// Formats JSON with sorted keys, and values of volatile keys as `"..."`, at any depth.
    ///
    /// - Throws: If the text is anything but exactly one JSON value.
    static func text(_ json: String, volatile: Set<String>) throws -> String {
        let value = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
        let data = try JSONSerialization.data(
            withJSONObject: normalize(value, volatile), options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    private static func normalize(_ value: Any, _ volatile: Set<String>) -> Any {
        switch value {
        case let object as [String: Any]:
            var result: [String: Any] = [:]
            for (key, value) in object { result[key] = volatile.contains(key) ? "..." : normalize(value, volatile) }
            return result
        case let array as [Any]: return array.map { normalize($0, volatile) }
        default: return value
        }
    }
}
