import Foundation
import TestSupport
import Testing

/// A real browser without a window.
enum Chromium {
    /// The browser's file, or nil where there is none.
    static let executable: URL? = (ProcessInfo.processInfo.environment["PATH"] ?? "")
        .split(separator: ":").map { "\($0)/chromium" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
        .map { URL(fileURLWithPath: $0) }

    /// What the browser made of a page.
    struct Page {
        /// Its standard output: the document, where that was asked for.
        let output: String
        /// What went to the console: errors of scripts, and whatever the page's policy has blocked.
        let console: [String]
    }

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - file: An HTML file.
    ///   - arguments: What to do with it, such as `--dump-dom`.
    ///   - folder: Where the browser keeps its profile.
    static func open(_ file: URL, _ arguments: String..., in folder: URL) async throws -> Page {
        let executable = try #require(executable)
        // Profiles cannot be shared, and root's sandbox does not work.
        let profile = folder.appendingPathComponent("profile-\(UUID().uuidString)")
        let outcome = try await ChildProcess.run(
            executable,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
                "--disable-dev-shm-usage", "--disable-background-networking", "--enable-logging=stderr",
                "--user-data-dir=\(profile.path)",
            ] + arguments + [file.absoluteString], in: folder)
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        return Page(
            output: outcome.output, console: outcome.errorLines.filter { $0.contains("CONSOLE") }.map(String.init))
    }

    /// What a script finds out about a page as wide as told, as JSON.
    ///
    /// The page's own policy forbids scripts, so it is measured without it.
    ///
    /// - Parameter script: An expression.
    static func measure(_ html: String, width: Int, _ script: String, in folder: URL) async throws -> Any {
        let copy = folder.appendingPathComponent("measured-\(UUID().uuidString).html")
        let (begin, end) = ("[[[", "]]]")
        let measured =
            html
            .replacing(/<meta http-equiv="Content-Security-Policy"[^>]*>/, with: "")
            .replacing("<body>", with: "<body style=\"width: \(width)px\">")
            .replacing(
                "</body>",
                with: """
                    <pre id="measured"></pre>
                    <script>document.getElementById("measured").textContent =
                    "\(begin)" + btoa(unescape(encodeURIComponent(JSON.stringify(\(script))))) + "\(end)"</script></body>
                    """)
        try Data(measured.utf8).write(to: copy)
        let page = try await open(copy, "--dump-dom", "--window-size=1400,1000", in: folder)
        #expect(page.console == [])
        let result = try #require(page.output.split(separator: ">" + begin).last?.split(separator: end).first)
        let data = try #require(Data(base64Encoded: String(result)))
        return try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test where there is no browser.
    static var requiresBrowser: Self {
        .enabled(if: Chromium.executable != nil, "needs Chromium: run scripts/prepare --test")
    }
}
