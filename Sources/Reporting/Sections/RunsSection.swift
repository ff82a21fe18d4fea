/// What ran lately, and what became of it.
struct RunsSection {
    /// The newest first.
    let runs: [LoggedRun]

    var section: Section {
        Section(id: "runs", heading: "Runs", body: body)
    }

    private var body: [Markup] {
        guard !runs.isEmpty else { return [Section.notice("There has been no run yet.")] }
        let table = table
        let started = runs.filter { $0.durationMS != nil }
        guard !started.isEmpty else { return [table.markup] }
        let chart = DurationChart(runs: started.reversed())
        let figure = Figure(
            id: "runs-durations", title: "How long runs took",
            description: started.map { run in
                "Run \(run.runID): \(run.status), \(Wording.duration(milliseconds: run.durationMS ?? 0))"
            }.joined(separator: "; "),
            legend: """
                <p class="legend">\(Marker.diamond.key) live \(Marker.cross.key) failed. A bar that is empty inside is a \
                run that did not succeed. Grades compare a run with popularity, by its own backtest: A better, B not \
                worse, C worse.</p>
                """, height: chart.height, drawing: chart.drawing)
        return [figure.markup, table.markup]
    }

    private var table: DataTable {
        let channels = Set(runs.map(\.channel))
        var table = DataTable(
            runs.count == 1 ? "The only run" : "The last \(runs.count) runs, the newest first",
            [
                .label("Run"), .label("Status"), .label("Started"), .label("As of"), .number("Took"),
                .number("Recommendations"), .number("Lists changed"), .label("Published"), .label("Grade"),
            ])
        for run in runs {
            let status = [run.status, run.reasonCode, run.isLive ? "live" : nil].compactMap { $0 }
            table.add([
                channels.count > 1 ? "\(run.runID), \(run.channel)" : "\(run.runID)", status.joined(separator: ", "),
                run.startedAt ?? Wording.nothing, run.asOf ?? Wording.nothing,
                run.durationMS.map { Wording.duration(milliseconds: $0) } ?? Wording.nothing,
                Wording.count(run.recommendations), run.changedListShare.map { Wording.percent($0) } ?? Wording.nothing,
                run.publishedAt ?? Wording.nothing, run.grade ?? Wording.nothing,
            ])
        }
        return table
    }
}
