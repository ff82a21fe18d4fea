import Foundation
import TestSupport
import Testing

/// The report in a real browser: light, dark, narrow and on paper.
@Suite(.requiresServer, .requiresBrowser, .serialized) struct ReportBrowserTests {
    /// Runs `body` with a report with everything in it.
    private static func withReport(_ body: (_ file: URL, _ html: String, _ folder: URL) async throws -> Void)
        async throws
    {
        try await Installation.withDemo { installation in
            try await ReportTests.fill(installation)
            let file = installation.folder.appendingPathComponent("report.html")
            _ = try await installation.succeed("report", "--output", file.path)
            try await body(file, String(contentsOf: file, encoding: .utf8), installation.folder)
        }
    }

    @Test func opensWithoutAWordOnTheConsole() async throws {
        try await Self.withReport { file, html, folder in
            let page = try await Chromium.open(file, "--dump-dom", in: folder)
            #expect(page.console == [])
            #expect(page.output.contains("<h1>Peerfolio report</h1>"))
            #expect(!page.output.contains("<script"))
            // The browser has repaired nothing: every element is where it was written.
            for element in ["<section", "<figure", "<svg", "<td", "<th", "<foreignObject", "<circle", "<polyline"] {
                #expect(
                    page.output.ranges(of: element).count == html.ranges(of: element).count, "\(element)")
            }

            // Shows that silence means something: what the policy blocks is on the console.
            let loud = folder.appendingPathComponent("loud.html")
            try Data(html.replacing("</main>", with: "<img src=\"file:///none.png\" alt=\"\" /></main>").utf8).write(
                to: loud)
            #expect(try await Chromium.open(loud, "--dump-dom", in: folder).console.count == 1)
        }
    }

    @Test func isDrawnLightAndDarkAndPrinted() async throws {
        try await Self.withReport { file, _, folder in
            func screenshot(_ name: String, _ scheme: String) async throws -> Data {
                let image = folder.appendingPathComponent(name)
                let page = try await Chromium.open(
                    file, "--screenshot=\(image.path)", "--window-size=1200,2000",
                    "--blink-settings=preferredColorScheme=\(scheme)", in: folder)
                #expect(page.console == [])
                return try Data(contentsOf: image)
            }
            let (dark, light) = (try await screenshot("dark.png", "0"), try await screenshot("light.png", "1"))
            #expect(dark.count > 50_000 && light.count > 50_000)
            #expect(dark != light)

            let paper = folder.appendingPathComponent("report.pdf")
            _ = try await Chromium.open(file, "--print-to-pdf=\(paper.path)", "--no-pdf-header-footer", in: folder)
            let pdf = String(decoding: try Data(contentsOf: paper), as: UTF8.self)
            #expect(pdf.hasPrefix("%PDF-"))
            #expect((2...9).contains(pdf.ranges(of: /\/Type\s*\/Page\b/).count))
        }
    }

    /// Pairs of texts in the same drawing that cover each other, and texts that reach beyond the page.
    private static let collisions = """
        [...document.querySelectorAll("figure > svg")].flatMap(svg => {
            const texts = [...svg.querySelectorAll("text, .label")].map(t => [t.textContent, t.getBoundingClientRect()]);
            const wide = document.body.getBoundingClientRect().right + 1;
            return texts.flatMap(([name, box], i) => [
                ...(box.left < -1 || box.right > wide ? [name + " leaves the page"] : []),
                ...texts.slice(i + 1).filter(([, other]) =>
                    Math.min(box.right, other.right) - Math.max(box.left, other.left) > 1
                    && Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > 2
                ).map(([other]) => svg.parentNode.id + ": " + name + " covers " + other)]);
        })
        """

    @Test(arguments: [400, 700, 1200]) func noTextCoversAnother(width: Int) async throws {
        try await Self.withReport { _, html, folder in
            let collisions = try await Chromium.measure(html, width: width, Self.collisions, in: folder)
            #expect(collisions as? [String] == [])
            // The label of the second row, moved onto that of the first, is noticed.
            let moved = html.replacing("x=\"0\" y=\"44\"", with: "x=\"0\" y=\"0\"")
            let caught = try await Chromium.measure(moved, width: width, Self.collisions, in: folder)
            #expect((caught as? [String])?.isEmpty == false)
            // Wide tables scroll by themselves.
            let overflow = try await Chromium.measure(
                html, width: width,
                """
                [...document.querySelectorAll("body *:not(.scroll *):not(svg *):not(.skip)")].filter(
                    e => e.getBoundingClientRect().right > document.body.getBoundingClientRect().right + 1)
                    .map(e => e.tagName + " " + e.textContent.slice(0, 40))
                """, in: folder)
            #expect(overflow as? [String] == [])
        }
    }

    /// The contrast of every text to its ground, where it is below 4.5.
    private static let faint = """
        (() => {
            const parse = c => c.match(/[\\d.]+/g).map(Number);
            const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
                .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
            const ground = e => { for (; e; e = e.parentElement) {
                const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; }
                return [255, 255, 255]; };
            return [...document.querySelectorAll("p, a, td, th, dt, dd, span, strong, code, summary, caption, figcaption, .label, text")]
                .map(e => { const s = getComputedStyle(e);
                    const [a, b] = [light(parse(e.tagName === "text" ? s.fill : s.color)), light(ground(e))];
                    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.tagName + " " + e.textContent.slice(0, 30)]; })
                .filter(([contrast]) => contrast < 4.5).map(([c, name]) => c.toFixed(2) + " " + name);
        })()
        """

    @Test(arguments: ["light", "dark"]) func everyTextCanBeRead(scheme: String) async throws {
        try await Self.withReport { _, html, folder in
            // The rules for the dark hold for everybody, in a copy.
            let shown =
                scheme == "light" ? html : html.replacing("screen and (prefers-color-scheme: dark)", with: "screen")
            #expect((shown == html) == (scheme == "light"))
            let faint = try await Chromium.measure(shown, width: 1000, Self.faint, in: folder)
            #expect(faint as? [String] == [])
            let fainter = shown.replacing("--quiet: #535c69", with: "--quiet: #8f98a5")
                .replacing("--quiet: #a6afbb", with: "--quiet: #5f6875")
            let caught = try await Chromium.measure(fainter, width: 1000, Self.faint, in: folder)
            #expect((caught as? [String])?.isEmpty == false)
        }
    }
}
