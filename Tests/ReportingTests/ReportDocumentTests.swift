import Foundation
import Testing

@testable import Reporting

#if canImport(FoundationXML)
import FoundationXML
#endif

/// The document as a whole: well-formed, inert, accessible, and never at a loss.
@Suite struct ReportDocumentTests {
    private static let hostile = "<script>alert(1)</script>\"'&\u{0}\u{202E}]]>--><!-- &lt; ${x} \u{FFFE}"

    @Test(arguments: [
        SampleContent.empty, SampleContent.full(), SampleContent.full(text: hostile), SampleContent.full(text: ""),
        SampleContent.full(number: .nan), SampleContent.full(number: .infinity), SampleContent.full(number: -1e300),
        SampleContent.full(text: String(repeating: "very long name ", count: 60)),
    ])
    func isWellFormedAndAccessible(_ content: ReportContent) throws {
        let outline = try DocumentOutline(ReportDocument(content).html)
        #expect(outline.language == "en")
        #expect(outline.headings.first == 1 && outline.headings.dropFirst().allSatisfy { $0 == 2 })
        #expect(outline.problems == [])
        for landmark in ["header", "nav", "main", "footer"] { #expect(outline.counts[landmark] == 1, "\(landmark)") }
        for forbidden in ["script", "link", "img", "iframe", "object", "form", "use", "image", "a:external"] {
            #expect(outline.counts[forbidden] == nil, "\(forbidden)")
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func neverPrintsWhatIsNotANumber(_ number: Double) {
        let html = ReportDocument(SampleContent.full(number: number)).html
        let strays = html.matches(of: /\b(nan|NaN|inf|Infinity|nil|Optional)\b/).map { String($0.output.0) }
        #expect(strays == [])
    }

    @Test func whateverComesFromTheDatabaseIsInert() throws {
        let html = ReportDocument(SampleContent.full(text: Self.hostile)).html
        #expect(!html.contains("<script"))
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        // In every place as the same text, nowhere as markup.
        let outline = try DocumentOutline(html)
        #expect(outline.texts.contains { $0.contains("<script>alert(1)</script>\"'&\u{FFFD}") })
        #expect(outline.counts["td"] == (try DocumentOutline(ReportDocument(SampleContent.full()).html)).counts["td"])
    }

    @Test func refusesEverythingFromElsewhere() {
        let html = ReportDocument(SampleContent.full()).html
        #expect(
            html.contains(
                """
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
                """))
        let addresses = html.replacing("http://www.w3.org/1999/xhtml", with: "")
            .replacing("http://www.w3.org/2000/svg", with: "")
        for text in ["http:", "https:", "url(", "@import", "src=", "onload"] {
            #expect(!addresses.contains(text), "\(text)")
        }
    }

    @Test func saysWhatToDoWhereThereIsNothing() {
        let html = ReportDocument(SampleContent.empty).html
        #expect(html.contains("peerfolio run</code>"))
        #expect(html.contains("peerfolio evaluate</code>"))
        #expect(html.contains("peerfolio evaluate --train 2026-01-31 --test 2026-07-31</code>"))
        #expect(html.contains("There has been no run yet."))
        #expect(!html.contains("<svg"))
    }

    @Test func showsEveryFigureOnceWithItsNumbers() throws {
        let outline = try DocumentOutline(ReportDocument(SampleContent.full()).html)
        #expect(
            outline.figures == [
                "quality-methods", "quality-differences", "quality-windows", "quality-segments", "calibration-scores",
                "calibration-propensities", "exposure-lorenz", "exposure-coverage", "exposure-gini", "scores-histogram",
                "products-demand", "runs-durations",
            ])
        // And of the concentration of earlier runs, of these runs, and of findings.
        #expect(outline.counts["table"] == outline.figures.count + 3)
    }

    @Test func verdictsFollowTheIntervals() {
        let html = ReportDocument(SampleContent.full(number: 0.07)).html
        #expect(html.contains("<strong>not clearly different from</strong> Popularity: nDCG@10 +0.030"))
        #expect(html.contains("(95%: −0.010 to +0.070)"))
    }

    @Test func namesAreWholeInDrawingsAndTables() {
        let name = String(repeating: "Fund of Funds ", count: 10)
        let html = ReportDocument(SampleContent.full(text: name)).html
        #expect(html.contains("class=\"label\" title=\"\(name) 1\">\(name) 1</div>"))
        #expect(html.contains("<th scope=\"row\">\(name) 1</th>"))
    }
}
