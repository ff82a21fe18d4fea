/// What is odd about the data of the live run.
struct FindingsSection {
    let live: PublishedRun?

    var section: Section {
        Section(id: "findings", heading: "Data findings", body: [body])
    }

    private var body: Markup {
        guard let live else { return Section.notice("Nothing is published, so there are no findings about its data.") }
        guard !live.findings.isEmpty else { return "<p>Run \(Int(live.runID)) has found nothing odd in its data.</p>" }
        var table = DataTable(
            "Findings about the data of run \(live.runID)",
            [.label("Finding"), .label("Severity"), .number("Occurrences"), .text("What it means")])
        for finding in live.findings {
            table.add([finding.code, finding.severity, Wording.count(finding.occurrences), finding.message])
        }
        return """
            \(table.markup)
            <p class="legend">Examples are ids, which this report leaves out; <code>peerfolio check</code> and \
            <code>peerfolio_bi.run_findings</code> have them.</p>
            """
    }
}
