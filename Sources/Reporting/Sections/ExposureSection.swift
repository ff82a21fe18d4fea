import Evaluation

/// How many products are suggested at all, and how evenly.
struct ExposureSection {
    let quality: QualityFigures?
    let live: PublishedRun?
    /// The newest first.
    let runs: [LoggedRun]

    var section: Section {
        var body: [Markup] = []
        if let live, live.exposure.suggestionCount > 0 {
            body += [sentence(live), Section.beside([lorenz(live)])]
        } else {
            body.append(Section.notice("Nothing is published, so nothing is suggested to anybody."))
        }
        let figures = [
            catalogFigure(.coverage, "Farther right, more products are recommended to somebody."),
            catalogFigure(.gini, "Farther right, fewer products get more of the places."),
        ].compactMap { $0 }
        if !figures.isEmpty { body.append(Section.beside(figures)) }
        if let history { body.append(history.markup) }
        return Section(id: "exposure", heading: "Coverage and exposure", body: body)
    }

    private func sentence(_ live: PublishedRun) -> Markup {
        let exposure = live.exposure
        let top = min(3, exposure.productCount)
        let never = exposure.neverSuggested
        let rest =
            never == 0
            ? "Every product is suggested to somebody."
            : "\(Wording.counted(never, "product is", "products are")) suggested to nobody."
        return """
            <p>In run \(Int(live.runID)) the \(Wording.counted(top, "most suggested product", "most suggested products")) \
            of \(Wording.count(exposure.productCount)) that can be suggested get \
            <strong>\(Wording.percent(exposure.share(ofTop: top)))</strong> of all suggestions; half of them go to \
            \(Wording.counted(exposure.productsGetting(share: 0.5), "product", "products")). \(rest)</p>
            """
    }

    private func lorenz(_ live: PublishedRun) -> Figure {
        let (exposure, chart) = (live.exposure, LorenzChart(exposure: live.exposure))
        var table = DataTable(
            "Share of suggestions that the most suggested products get",
            [.label("Products"), .number("Share of suggestions")])
        for count in [1, 3, 5, 10, 20, 50, 100, 1000] where count < exposure.productCount {
            table.add(["the first \(Wording.count(count))", Wording.percent(exposure.share(ofTop: count))])
        }
        table.add(["all \(Wording.count(exposure.productCount))", Wording.percent(exposure.share(ofTop: .max))])
        let gini = exposure.gini.map { Wording.fixed($0, 2) } ?? Wording.nothing
        return Figure(
            id: "exposure-lorenz", title: "Suggestions of the live run over products: Gini \(gini)",
            description: """
                Lorenz curve. The Gini coefficient is \(gini): 0 when all products are suggested equally often, towards 1 \
                when one gets everything.
                """,
            legend: "<p class=\"legend\">The farther below the dashed line, the more goes to few products.</p>",
            height: chart.height, drawing: chart.drawing, table: table)
    }

    /// What became of the figures from run to run; nil where no run has any.
    private var history: DataTable? {
        let counted = runs.filter { $0.coverage != nil }
        guard !counted.isEmpty else { return nil }
        let channels = Set(counted.map(\.channel))
        var table = DataTable(
            "Concentration of suggestions, the newest run first",
            [.label("Run"), .label("As of"), .number("Coverage"), .number("Gini"), .number("First three products")])
        for run in counted {
            table.add([
                channels.count > 1 ? "\(run.runID), \(run.channel)" : "\(run.runID)", run.asOf ?? Wording.nothing,
                run.coverage.map { Wording.percent($0) } ?? Wording.nothing,
                run.gini.map { Wording.fixed($0, 2) } ?? Wording.nothing,
                run.top3Share.map { Wording.percent($0) } ?? Wording.nothing,
            ])
        }
        return table
    }

    private func catalogFigure(_ kind: Metric.Kind, _ legend: String) -> Figure? {
        guard let quality else { return nil }
        let figures = quality.overall.filter { $0.comparedWith == nil }
        let shown = Metric(kind, at: 10).description
        let names = QualityFigures.methods(figures)
        let rows = names.compactMap { name in
            figures.figure(name, shown).map { figure in
                IntervalChart.Row(
                    label: Wording.method(name) + (name == quality.publishedMethod ? " (configured)" : ""),
                    estimate: figure.estimate, marker: name == quality.publishedMethod ? .diamond : .ring)
            }
        }
        guard !rows.isEmpty else { return nil }
        let metrics = Metric.cutoffs.map { Metric(kind, at: $0).description }
            .filter { metric in figures.contains { $0.metric == metric } }
        let chart = IntervalChart(rows: rows, axisTitle: Wording.metric(shown), decimals: 3)
        var table = DataTable(
            "\(Wording.metric(kind.rawValue)) by method",
            [.label("Method")] + metrics.map { .number(Wording.metric($0)) })
        for name in names {
            table.add(
                [Wording.method(name)]
                    + metrics.map { metric in
                        figures.figure(name, metric).map { Wording.fixed($0.estimate.value, 3) } ?? Wording.nothing
                    })
        }
        return Figure(
            id: "exposure-\(kind.rawValue)", title: "\(Wording.metric(shown)) by method, in the evaluation",
            description: rows.map { "\($0.label): \(Wording.fixed($0.estimate.value, 3))" }.joined(separator: "; "),
            legend: "<p class=\"legend\">\(legend)</p>", height: chart.height, drawing: chart.drawing, table: table)
    }
}
