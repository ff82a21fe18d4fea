/// How the scores of the live run are distributed.
struct ScoresSection {
    let live: PublishedRun?

    var section: Section {
        Section(id: "scores", heading: "Scores", body: [body])
    }

    private var body: Markup {
        guard let live, live.scores.series.contains(where: { $0.total > 0 }) else {
            return Section.notice("Nothing is published, so there are no scores.")
        }
        let (histogram, chart) = (live.scores, HistogramChart(histogram: live.scores))
        let decimals = max(3, AxisScale(0, histogram.upperBound / Double(ScoreHistogram.binCount)).decimals)
        var table = DataTable(
            "Suggestions by score and reason",
            [.text("Score from")] + histogram.series.map { .number(Wording.reason($0.reasonCode)) })
        for bin in 0..<ScoreHistogram.binCount {
            table.add(
                [Wording.fixed(histogram.lowerEdge(ofBin: bin), decimals)]
                    + histogram.series.map { Wording.count($0.counts[bin]) })
        }
        let figure = Figure(
            id: "scores-histogram", title: "Scores of run \(live.runID), by the reason for the suggestion",
            description: histogram.series.map { series in
                "\(Wording.reason(series.reasonCode)): \(Wording.count(series.total)) suggestions"
            }.joined(separator: "; "), height: chart.height, drawing: chart.drawing, table: table)
        return """
            <p>A score is the weighted share of the client's peers who hold the product, or what a hybrid model makes of \
            several signals; of a popular product, the share of all clients who hold it.</p>
            \(Section.beside([figure]))
            """
    }
}
