import Evaluation

/// How good suggestions are beside simple baselines.
struct QualitySection {
    /// Rows that a chart shows at most; the table below it has all.
    private static let chartLimit = 40
    private static let primary = Metric.primary.description
    /// The metrics of the table.
    private static let tabulated = [
        primary, "hit_rate@1", "hit_rate@3", "recall@10", "map@10", "mrr@10",
    ]

    let quality: QualityFigures?

    var section: Section {
        Section(id: "quality", heading: "Quality", body: quality.map(body) ?? [Self.missing])
    }

    private static var missing: Markup {
        Section.notice(
            """
            No evaluation is stored, so nothing is known about how good the suggestions are. \
            <code>peerfolio evaluate</code> hides one product of each client and looks whether it is found; with dated \
            holdings, <code>peerfolio evaluate --train 2026-01-31 --test 2026-07-31</code> looks for what clients \
            have added between two days of yours.
            """)
    }

    private func body(_ quality: QualityFigures) -> [Markup] {
        var parts = [introduction(quality)]
        parts.append(contentsOf: verdicts(quality))
        parts.append(Section.beside([methods(quality), differences(quality)].compactMap { $0 }))
        parts.append(methodTable(quality))
        let split = [
            comparison(
                quality, id: "windows", title: "Window",
                quality.windowNumbers.map { number in
                    let figures = quality.figures(window: number)
                    let name = figures.first.map { figure in
                        figure.testDate.map { "\(figure.trainDate ?? "") to \($0)" } ?? "Window \(number)"
                    }
                    return (name ?? "", figures)
                }),
            comparison(
                quality, id: "segments", title: "Segment",
                quality.segments.map { ($0, quality.figures(segment: $0)) }),
        ].compactMap { $0 }
        if !split.isEmpty { parts.append(Section.beside(split)) }
        parts.append(Self.glossary)
        return parts
    }

    private func introduction(_ quality: QualityFigures) -> Markup {
        let what =
            quality.kind == "leave_one_out"
            ? "one product of each client was hidden, and had to be found"
            : "what clients had added later had to be found"
        let clients = quality.overall.map(\.clients).max() ?? 0
        let origin: Markup =
            quality.runID.map { run in
                """
                Backtest of run \(Int(run)), \(quality.evaluatedAt); <code>peerfolio evaluate</code> measures more
                """
            } ?? "Evaluation \(Int(quality.evaluationID)), \(quality.evaluatedAt)"
        return "<p>\(origin): \(what), for \(Wording.counted(clients, "tested client", "tested clients")).</p>"
    }

    /// A sentence for each baseline that the published method was compared with.
    private func verdicts(_ quality: QualityFigures) -> [Markup] {
        quality.differences(in: Self.primary).filter { $0.method == quality.publishedMethod }.map { figure in
            let estimate = figure.estimate
            return """
                <p class="verdict"><strong>\(Wording.method(figure.method))</strong>, which the evaluated configuration publishes, is \
                <strong>\(Verdict(estimate).wordsBeforeBaseline)</strong> \(Wording.method(figure.comparedWith ?? "")): \
                \(Wording.metric(Self.primary)) \(Wording.signed(estimate.value, 3)) \
                (95%: \(Wording.signed(estimate.low, 3)) to \(Wording.signed(estimate.high, 3))).</p>
                """
        }
    }

    private func methods(_ quality: QualityFigures) -> Figure? {
        let figures = quality.overall.filter { $0.comparedWith == nil }
        let rows = QualityFigures.methods(figures).compactMap { name in
            figures.figure(name, Self.primary).map { figure in
                IntervalChart.Row(
                    label: label(name, quality), estimate: figure.estimate, marker: marker(name, quality))
            }
        }
        guard !rows.isEmpty else { return nil }
        let chart = IntervalChart(rows: rows, axisTitle: Wording.metric(Self.primary), decimals: 3)
        return Figure(
            id: "quality-methods", title: "\(Wording.metric(Self.primary)) by method, with 95% intervals",
            description: rows.map { "\($0.label): \(Wording.fixed($0.estimate.value, 3))" }.joined(separator: "; "),
            legend: Self.legend, height: chart.height, drawing: chart.drawing)
    }

    /// The figures of all methods, in sight.
    private func methodTable(_ quality: QualityFigures) -> Markup {
        let figures = quality.overall.filter { $0.comparedWith == nil }
        let metrics = Self.tabulated.filter { metric in figures.contains { $0.metric == metric } }
        var table = DataTable(
            "Quality by method",
            [.label("Method")] + metrics.map { .number(Wording.metric($0)) }
                + [.number("95% of \(Wording.metric(Self.primary))")])
        for name in QualityFigures.methods(figures) {
            table.add(
                [label(name, quality)]
                    + metrics.map { metric in
                        figures.figure(name, metric).map { Wording.fixed($0.estimate.value, 3) } ?? Wording.nothing
                    }
                    + [figures.figure(name, Self.primary).map { Wording.interval($0.estimate, 3) } ?? Wording.nothing])
        }
        return table.markup
    }

    private static let legend: Markup = """
        <p class="legend">\(Marker.diamond.key) configured \(Marker.circle.key) another model \
        \(Marker.ring.key) baseline. Farther right is better.</p>
        """

    private func differences(_ quality: QualityFigures) -> Figure? {
        let shown = quality.differences(in: Self.primary)
        guard !shown.isEmpty else { return nil }
        let chart = IntervalChart(
            rows: shown.map { figure in
                IntervalChart.Row(
                    label: pair(figure), estimate: figure.estimate, marker: marker(figure.method, quality))
            }, axisTitle: "Difference in \(Wording.metric(Self.primary))", decimals: 3, isDifference: true)
        var table = DataTable(
            "Differences, client by client",
            [.label("Methods"), .label("Metric"), .number("Difference"), .number("95% interval")])
        for figure in Self.tabulated.flatMap(quality.differences) {
            table.add([
                pair(figure), Wording.metric(figure.metric), Wording.signed(figure.estimate.value, 3),
                Wording.interval(figure.estimate, 3),
            ])
        }
        return Figure(
            id: "quality-differences", title: "Differences to baselines, client by client, with 95% intervals",
            description: shown.map { "\(pair($0)): \(Wording.signed($0.estimate.value, 3))" }.joined(separator: "; "),
            legend: """
                <p class="legend">Right of the line at 0 the model is better; an interval that crosses it says nothing \
                is sure.</p>
                """, height: chart.height, drawing: chart.drawing, table: table)
    }

    /// The published method against popularity, part by part; nothing where there are no parts.
    private func comparison(
        _ quality: QualityFigures, id: String, title: String,
        _ parts: [(name: String, figures: [QualityFigures.Figure])]
    ) -> Figure? {
        let popularity = EvaluationMethod.popularity.rawValue
        let method = quality.publishedMethod ?? EvaluationMethod.peers.rawValue
        let methods = QualityFigures.methods(parts.flatMap(\.figures).filter { $0.comparedWith == nil })
        var rows: [IntervalChart.Row] = []
        var table = DataTable(
            "\(Wording.metric(Self.primary)) by \(title.lowercased())",
            [.text(title), .number("Tested clients")] + methods.map { .number(Wording.method($0)) }
                + [.number("\(Wording.method(method)) − popularity"), .number("95% interval")])
        for part in parts {
            let difference = part.figures.figure(method, Self.primary, against: popularity)
            if let difference {
                rows.append(
                    .init(label: part.name, estimate: difference.estimate, marker: marker(method, quality)))
            }
            table.add(
                [part.name, Wording.count(part.figures.map(\.clients).max() ?? 0)]
                    + methods.map { name in
                        part.figures.figure(name, Self.primary).map { Wording.fixed($0.estimate.value, 3) }
                            ?? Wording.nothing
                    }
                    + [
                        difference.map { Wording.signed($0.estimate.value, 3) } ?? Wording.nothing,
                        difference.map { Wording.interval($0.estimate, 3) } ?? Wording.nothing,
                    ])
        }
        guard !rows.isEmpty else { return nil }
        let chart = IntervalChart(
            rows: Array(rows.prefix(Self.chartLimit)), axisTitle: "Difference in \(Wording.metric(Self.primary))",
            decimals: 3, isDifference: true)
        let rest =
            rows.count > Self.chartLimit ? "The first \(Self.chartLimit) of \(rows.count); the table has all." : ""
        return Figure(
            id: "quality-\(id)", title: "\(Wording.method(method)) minus popularity by \(title.lowercased())",
            description: chart.rows.map { "\($0.label): \(Wording.signed($0.estimate.value, 3))" }
                .joined(separator: "; "),
            legend: rest.isEmpty ? .nothing : "<p class=\"legend\">\(rest)</p>", height: chart.height,
            drawing: chart.drawing, table: table)
    }

    private func pair(_ figure: QualityFigures.Figure) -> String {
        "\(Wording.method(figure.method)) − \(Wording.method(figure.comparedWith ?? ""))"
    }

    private func label(_ method: String, _ quality: QualityFigures) -> String {
        Wording.method(method) + (method == quality.publishedMethod ? " (configured)" : "")
    }

    private func marker(_ method: String, _ quality: QualityFigures) -> Marker {
        if method == quality.publishedMethod { return .diamond }
        return EvaluationMethod.models.map(\.rawValue).contains(method) ? .circle : .ring
    }

    private static let glossary: Markup = """
        <details><summary>What the figures mean</summary>
        <dl class="glossary">
        <div><dt>nDCG@10</dt><dd>How high in the first ten places what was to be found stands: 1 is an ideal list, \
        0 none of it.</dd></div>
        <div><dt>Hit rate@k</dt><dd>Share of the clients with something to be found among the first k.</dd></div>
        <div><dt>Recall@k</dt><dd>Share of what was to be found among the first k, per client.</dd></div>
        <div><dt>MAP, MRR</dt><dd>Mean precision at the places of what was to be found; 1 over the place of the \
        first.</dd></div>
        <div><dt>95%</dt><dd>From one sample of clients to the next, the figure stays within this interval in 95 of \
        100 cases.</dd></div>
        </dl>
        </details>
        """
}
