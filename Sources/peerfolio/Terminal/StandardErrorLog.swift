import Foundation
import Logging
import Postgres

/// The daemon's log: a line of text for people, or of JSON for programs, for each event, on standard error.
struct StandardErrorLog: LogHandler {
    let isJSON: Bool
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(isJSON: Bool) {
        self.isJSON = isJSON
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { Redactor.ofEnvironment.redact("\($0)") }
        let message = Redactor.ofEnvironment.redact("\(event.message)")
        let time = Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        let line = isJSON ? json(event.level, message, time, all) : text(event.level, message, time, all)
        Output.note(line)
    }

    private func text(
        _ level: Logger.Level, _ message: String, _ time: String, _ metadata: [String: String]
    ) -> String {
        let fields = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.quoted($0.value))" }
        let message = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        return "\(time) \(level.rawValue) \(message)\(fields.joined())"
    }

    private static func quoted(_ value: String) -> String {
        value.contains { $0.isWhitespace || $0 == "\"" } ? "\"\(value.replacing("\"", with: "\\\""))\"" : value
    }

    private func json(
        _ level: Logger.Level, _ message: String, _ time: String, _ metadata: [String: String]
    ) -> String {
        var fields = metadata
        fields["time"] = time
        fields["level"] = level.rawValue
        fields["message"] = message
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(fields)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
