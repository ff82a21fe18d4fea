/// The report as one HTML file that needs nothing else: no network, no script, no font, no image.
///
/// The same text is well-formed XML. Whatever comes from the database is escaped.
public struct ReportDocument: Sendable {
    private let content: ReportContent

    /// Creates the document of some content.
    public init(_ content: ReportContent) {
        self.content = content
    }

    private var sections: [Section] {
        [
            OverviewSection(content: content).section,
            QualitySection(quality: content.quality).section,
            CalibrationSection(calibration: content.calibration).section,
            ExposureSection(quality: content.quality, live: content.live, runs: content.runs).section,
            ScoresSection(live: content.live).section,
            ProductsSection(live: content.live).section,
            RunsSection(runs: content.runs).section,
            FindingsSection(live: content.live).section,
        ]
    }

    /// The file's text; numbers that are not finite appear in it as a dash.
    public var html: String {
        let sections = sections
        let document: Markup = """
            <!DOCTYPE html>
            <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
            <head>
            <meta charset="utf-8" />
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta name="color-scheme" content="light dark" />
            <meta name="generator" content="peerfolio \(content.programVersion)" />
            <title>Peerfolio report: \(content.database)</title>
            <style>
            \(StyleSheet.css)
            </style>
            </head>
            <body>
            <a class="skip" href="#overview">Skip to the figures</a>
            <header>
            <h1>Peerfolio report</h1>
            \(origin)
            <nav aria-label="Contents">
            <ul>
            \(sections.map(\.link))
            </ul>
            </nav>
            </header>
            <main>
            \(sections.map(\.markup))
            </main>
            <footer>
            <p>Written by peerfolio \(content.programVersion) from one snapshot of the database \(content.database), \
            \(content.readAt). Names no client.</p>
            </footer>
            </body>
            </html>

            """
        return document.description
    }

    private var origin: Markup {
        guard let live = content.live else {
            return "<p>Database \(content.database), \(content.readAt). Nothing is published.</p>"
        }
        return """
            <p>Database \(content.database), run \(Int(live.runID)): holdings as of \(live.asOf), published \
            \(live.publishedAt).</p>
            """
    }
}
