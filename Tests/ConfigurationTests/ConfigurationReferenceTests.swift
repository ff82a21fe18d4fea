import Foundation
import Testing

@testable import Configuration

@Suite struct ConfigurationReferenceTests {
    private static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The rows from the header on, as far as they go, are the generator's.
    @Test func readmeHasTheTableOfAllKeys() throws {
        let readme = try String(contentsOf: Self.repository.appending(path: "README.md"), encoding: .utf8)
        let lines = readme.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "| key | default | value | meaning |"))
        let table = lines[start...].prefix { $0.hasPrefix("|") }.joined(separator: "\n") + "\n"
        #expect(table == ServiceConfiguration.referenceMarkdown, "README.md: replace the table by the generator's")
    }
}
