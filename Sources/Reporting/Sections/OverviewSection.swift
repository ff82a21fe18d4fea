import Evaluation

/// The most important figures, for whoever reads no further.
struct OverviewSection {
    let content: ReportContent

    var section: Section {
        Section(id: "overview", heading: "At a glance", body: [tiles, servedTable])
    }

    private var tiles: Markup {
        var tiles: [Markup] = []
        func tile(_ name: String, _ value: String, _ remark: String) {
            tiles.append(
                "<div><dt>\(name)</dt><dd><strong>\(value)</strong> <span>\(remark)</span></dd></div>")
        }
        if let live = content.live {
            let clients = live.served.reduce(0) { $0 + $1.clients }
            tile("Clients", Wording.count(clients), "as of \(live.asOf)")
            let suggested = live.exposure.productCount - live.exposure.neverSuggested
            tile(
                "Suggestions", Wording.count(live.recommendations),
                "of \(Wording.counted(suggested, "product", "products"))")
            let scored = live.served.first { $0.status == "scored" }?.clients ?? 0
            tile(
                "Served from peers", Wording.percent(Double(scored) / Double(clients)),
                "of the clients")
        }
        if let quality = content.quality, let published = quality.publishedMethod,
            let figure = quality.overall.figure(published, Metric.primary.description)
        {
            tile(
                Wording.metric(Metric.primary.description), Wording.fixed(figure.estimate.value, 3),
                "95%: \(Wording.interval(figure.estimate, 3))")
        }
        if let failed = content.runs.first(where: { $0.status == "failed" }) {
            tile(
                "Failed runs", Wording.count(content.runs.filter { $0.status == "failed" }.count),
                "of the last \(content.runs.count), the newest is run \(failed.runID)")
        }
        guard content.live != nil else {
            let notice = Section.notice(
                """
                Nothing is published, so there are no suggestions to show. <code>peerfolio run</code> scores every \
                client and publishes the result.
                """)
            return tiles.isEmpty ? notice : "\(notice)\n<dl class=\"tiles\">\n\(tiles)\n</dl>"
        }
        return "<dl class=\"tiles\">\n\(tiles)\n</dl>"
    }

    private var servedTable: Markup {
        guard let live = content.live, !live.served.isEmpty else { return .nothing }
        let all = live.served.reduce(0) { $0 + $1.clients }
        var table = DataTable("How clients were served", [.text("Clients get"), .number("Clients"), .number("Share")])
        for served in live.served {
            table.add([
                Wording.served(served.status), Wording.count(served.clients),
                Wording.percent(Double(served.clients) / Double(all)),
            ])
        }
        return table.markup
    }
}
