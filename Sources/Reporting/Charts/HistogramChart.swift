/// The distribution of scores: one histogram per reason, below each other on the same axis.
struct HistogramChart {
    let histogram: ScoreHistogram

    private var areas: [(series: ScoreHistogram.Series, area: PlotArea)] {
        let x = AxisScale(0, histogram.upperBound)
        var offset = 0.0
        return histogram.series.map { series in
            let y = AxisScale(around: series.counts.map(Double.init), tickCount: 3)
            var area = PlotArea(
                y: y,
                yTitle: "\(Wording.reason(series.reasonCode)): suggestions",
                yText: { Self.compact($0, on: y) },
                x: x, xTitle: "Score", xText: { Wording.fixed($0, x.decimals) }, plotHeight: 120)
            area.offset = offset
            offset += area.height
            return (series, area)
        }
    }

    /// A count that fits beside the axis: in thousands, or in millions, where counts have many digits.
    private static func compact(_ count: Double, on axis: AxisScale) -> String {
        func inUnits(of unit: Double) -> String { Wording.fixed(count / unit, axis.step < unit ? 1 : 0) }
        return switch axis.high {
        case _ where count == 0: "0"
        case ..<10_000: Wording.fixed(count, 0)
        case ..<1_000_000: inUnits(of: 1000) + "k"
        default: inUnits(of: 1_000_000) + "M"
        }
    }

    var height: Double { areas.reduce(0) { $0 + $1.area.height } }

    var drawing: [Markup] {
        areas.map { series, area in
            let width = 1 / Double(max(1, series.counts.count))
            let bars: [Markup] = series.counts.enumerated().filter { $0.element > 0 }.map { bin, count in
                // Even the smallest count can be seen.
                let height = max(1.5, area.plotHeight - area.pixels(Double(count)))
                return """
                    <rect class="bar" x="\(Coordinate.percent(Double(bin) * width + width * 0.06))" \
                    width="\(Coordinate.percent(width * 0.88))" y="\(Coordinate.pixels(area.plotHeight - height))" \
                    height="\(Coordinate.pixels(height))"><title>\(Wording.count(count)) suggestions</title></rect>
                    """
            }
            return area.drawing(bars)
        }
    }
}
