import Configuration
import Foundation

extension FuzzedParser {
    /// A file is a configuration, or a mistake that is explained in one line.
    static func checkConfig(_ input: [UInt8]) throws(Violation) {
        guard let yaml = String(validating: input, as: UTF8.self) else { return }
        let configuration: ServiceConfiguration
        do throws(ConfigurationError) {
            configuration = try ServiceConfiguration(yaml: yaml)
        } catch {
            let text = error.description
            try Violation.require(!text.isEmpty && !text.contains(where: \.isNewline), "not one line: \(text)")
            // The longest names all keys of a section and the place.
            try Violation.require(text.utf8.count < 3000, "an explanation of \(text.utf8.count) bytes")
            return
        }
        let record = configuration.recordedJSON()
        try Violation.require(
            (try? JSONSerialization.jsonObject(with: Data(record.utf8))) is [String: Any], "not JSON: \(record)")
        let again = try Violation.catching { try ServiceConfiguration(yaml: escaped(record)).recordedJSON() }
        try Violation.require(record.utf8.elementsEqual(again.utf8), "\(record) was read back as \(again)")
    }

    /// JSON as YAML: some characters, line breaks of Unicode among them, YAML takes for themselves only when escaped.
    private static func escaped(_ json: String) -> String {
        json.unicodeScalars.map { scalar in
            if ("\u{20}"..."\u{7E}").contains(scalar) { return String(scalar) }
            let hex = String(scalar.value, radix: 16)
            return "\\U" + String(repeating: "0", count: 8 - hex.count) + hex
        }.joined()
    }
}
