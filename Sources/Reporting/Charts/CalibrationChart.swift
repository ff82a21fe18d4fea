import Evaluation

/// How often suggestions came true against what was said of them, with the diagonal of a perfect forecast.
struct CalibrationChart {
    /// Suggestions of which about the same was said.
    struct Point {
        /// What was said, 0...1.
        let predicted: Double
        /// What came of it, 0...1.
        let observed: Estimate
    }

    let points: [Point]
    /// What was said.
    let xTitle: String
    let marker: Marker

    /// Both axes have the same scale, so that the diagonal is where forecasts are right.
    private var area: PlotArea {
        let scale = AxisScale(around: points.flatMap { [$0.predicted, $0.observed.high] })
        let decimals = max(0, scale.decimals - 2)
        return PlotArea(
            y: scale, yTitle: "Share that came true", yText: { Wording.percent($0, decimals) }, x: scale,
            xTitle: xTitle, xText: { Wording.percent($0, decimals) }, plotHeight: 260)
    }

    var height: Double { area.height }

    var drawing: [Markup] {
        let area = area
        guard let scale = area.x else { return [] }
        let marks: [Markup] = points.filter { $0.predicted.isFinite && $0.observed.value.isFinite }.map { point in
            let x = scale.position(point.predicted)
            let ends = [point.observed.low, point.observed.high].map { Coordinate.pixels(area.pixels($0)) }
            let title = """
                \(Wording.percent(point.predicted)) said, \(Wording.percent(point.observed.value)) came true, \
                95% \(Wording.percent(point.observed.low)) to \(Wording.percent(point.observed.high))
                """
            return """
                <line class="whisker" x1="\(Coordinate.percent(x))" x2="\(Coordinate.percent(x))" y1="\(ends[0])" \
                y2="\(ends[1])" />
                \(marker.markup(x: x, y: area.pixels(point.observed.value), title: title))
                """
        }
        let diagonal: Markup = """
            <line class="diagonal" x1="0%" y1="\(Coordinate.pixels(area.plotHeight))" x2="100%" y2="0" />
            """
        return [area.drawing([diagonal] + marks)]
    }
}
