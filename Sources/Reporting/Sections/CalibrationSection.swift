import Evaluation

/// Whether scores mean what they say.
struct CalibrationSection {
    let calibration: CalibrationTable?

    var section: Section {
        let known = calibration.flatMap { $0.bins.isEmpty ? nil : $0 }
        return Section(id: "calibration", heading: "What a score means", body: known.map(body) ?? [Self.missing])
    }

    private static let missing = Section.notice(
        """
        How often a score comes true is not known: that takes an evaluation on dated holdings, such as \
        <code>peerfolio evaluate --train 2026-01-31 --test 2026-07-31</code> with days of yours.
        """)

    private func body(_ calibration: CalibrationTable) -> [Markup] {
        let verdict =
            calibration.isEarned
            ? "Propensities are better than one constant for all, so runs of this model write them."
            : "Propensities are not better than one constant for all, so runs of this model write none."
        return [
            """
            <p>How often suggestions came true, by what was said of them: evaluation \(Int(calibration.evaluationID)), \
            \(calibration.evaluatedAt), scores of \(Wording.method(calibration.method)). \(verdict) On the dashed line, \
            what was said came true exactly; below it, more was said than came true.</p>
            """,
            Section.beside([
                figure(
                    calibration, id: "calibration-scores", title: "Scores against what came true", said: "Mean score",
                    marker: .circle
                ) { $0.meanScore },
                figure(
                    calibration, id: "calibration-propensities", title: "Propensities against what came true",
                    said: "Mean propensity", marker: .diamond
                ) { $0.meanPropensity },
            ]),
        ]
    }

    private func figure(
        _ calibration: CalibrationTable, id: String, title: String, said: String, marker: Marker,
        _ predicted: (CalibrationTable.Bin) -> Double
    ) -> Figure {
        let chart = CalibrationChart(
            points: calibration.bins.map { .init(predicted: predicted($0), observed: $0.observed) }, xTitle: said,
            marker: marker)
        var table = DataTable(
            title,
            [
                .label("Scores"), .number("Suggestions"), .number(said), .number("Came true"), .number("95% interval"),
            ])
        for bin in calibration.bins {
            table.add([
                "\(Wording.fixed(bin.lowestScore, 3)) to \(Wording.fixed(bin.highestScore, 3))",
                Wording.count(bin.suggestions), Wording.percent(predicted(bin), 1),
                Wording.percent(bin.observed.value, 1),
                "\(Wording.percent(bin.observed.low, 1)) to \(Wording.percent(bin.observed.high, 1))",
            ])
        }
        let description = calibration.bins.map { bin in
            "\(Wording.percent(predicted(bin))) said, \(Wording.percent(bin.observed.value)) came true"
        }.joined(separator: "; ")
        return Figure(
            id: id, title: title, description: description, height: chart.height, drawing: chart.drawing, table: table)
    }
}
