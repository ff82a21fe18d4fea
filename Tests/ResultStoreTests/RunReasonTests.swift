import Foundation
import Holdings
import Recommending
import ResultStore
import Testing

/// The program, the SQL and the articles have the same reasons.
@Suite struct RunReasonTests {
    private static let checkout = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The files of a folder, by their paths in the checkout.
    private static func files(in folder: String, endingWith suffix: String) throws -> [(path: String, text: String)] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: checkout.appending(path: folder).path)
            .filter { $0.hasSuffix(suffix) }.map { "\(folder)/\($0)" }
        try #require(!paths.isEmpty)
        return try paths.map {
            ($0, try String(contentsOf: checkout.appending(path: $0), encoding: .utf8))
        }
    }

    private static func articles() throws -> [(path: String, text: String)] {
        try files(in: "Sources/peerfolio/Documentation.docc", endingWith: ".md")
    }

    @Test func theArticleHasEveryReasonWithItsStatus() throws {
        let operations = try #require(try Self.articles().first { $0.path.hasSuffix("/Operations.md") }).text
        let lines = operations.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("| code | status | repeated |") })
        let rows = lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|").prefix(3).map { $0.trimming { $0 == " " || $0 == "`" } }
        }
        #expect(
            rows == RunReason.allCases.map { [$0.rawValue, $0.status.rawValue, $0.isRepeated ? "yes" : "no"] })
    }

    /// A code in SQL or in an article is a reason, a finding, or a reason for a recommendation.
    @Test func noOtherCodeStandsInSQLOrArticles() throws {
        let codes =
            RunReason.allCases.map(\.rawValue) + Finding.Code.allCases.map(\.rawValue)
            + ReasonCode.allCases.map(\.rawValue)
        let ofSQL = [
            "COPY", "CREATE", "CREATEROLE", "EXECUTE", "GRANT", "NOTIFY", "PUBLIC", "SELECT", "TEMPORARY", "USAGE",
            "VACUUM",
        ]
        for (path, text) in try Self.articles() + Self.files(in: "sql", endingWith: ".sql") {
            let quoted = text.matches(of: /[`']([A-Z]{4,}(?:_[A-Z]+)*)[`']/).map { String($0.1) }
            let compound = text.matches(of: /\b[A-Z]{3,}(?:_[A-Z]+)+\b/).map { String($0.0) }
            let unknown = Set(quoted + compound).subtracting(codes).subtracting(ofSQL)
                .filter { !$0.hasPrefix("PEERFOLIO_") && !$0.hasPrefix("PG") }
            #expect(unknown == [], "\(path)")
        }
    }

    /// Elsewhere the program names a reason by its case.
    @Test func noCodeIsSpelledTwiceInTheProgram() throws {
        for (path, text) in try Self.files(in: "Sources", endingWith: ".swift") {
            for reason in RunReason.allCases {
                let count = text.matches(of: try Regex("[\"']\(reason.rawValue)[\"']")).count
                #expect(count == (path.hasSuffix("/RunReason.swift") ? 1 : 0), "\(reason.rawValue) in \(path)")
            }
        }
    }
}

extension Substring {
    fileprivate func trimming(_ isTrimmed: (Character) -> Bool) -> String {
        var text = self
        while text.first.map(isTrimmed) == true { text.removeFirst() }
        while text.last.map(isTrimmed) == true { text.removeLast() }
        return String(text)
    }
}
