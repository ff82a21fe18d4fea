/// How long runs took, the oldest first; marks above tell which failed and which is live.
struct DurationChart {
    /// Runs that have started, the oldest first.
    let runs: [LoggedRun]

    /// Milliseconds of the unit of the axis: minutes, once seconds would need four digits.
    private var unit: Double { greatest < 1_000_000 ? 1000 : 60_000 }

    private var greatest: Int { max(1, runs.compactMap(\.durationMS).max() ?? 1) }

    private var area: PlotArea {
        let y = AxisScale(around: [Double(greatest) / unit], tickCount: 4)
        let ends = Set([runs.first, runs.last].compactMap { $0?.runID }).sorted().map { "run \($0)" }
        return PlotArea(
            y: y, yTitle: unit == 1000 ? "Seconds" : "Minutes", yText: { Wording.fixed($0, y.decimals) },
            xTitle: "From left to right: \(ends.joined(separator: " to "))", plotHeight: 150)
    }

    var height: Double { area.height }

    var drawing: [Markup] {
        let (area, unit) = (area, unit)
        let width = 1 / Double(max(1, runs.count))
        let columns: [Markup] = runs.enumerated().map { index, run in
            let top = area.pixels(Double(run.durationMS ?? 0) / unit)
            let height = max(1.5, area.plotHeight - top)
            // A single run is not a wall.
            let barWidth = min(width * 0.7, 0.08)
            let center = (Double(index) + 0.5) * width
            let isDone = run.status == "succeeded"
            let title = "Run \(run.runID): \(run.status), \(Wording.duration(milliseconds: run.durationMS ?? 0))"
            let markY = max(4, area.plotHeight - height - 10)
            return """
                <rect class="\(isDone ? "bar" : "open")" x="\(Coordinate.percent(center - barWidth / 2))" \
                width="\(Coordinate.percent(barWidth))" y="\(Coordinate.pixels(area.plotHeight - height))" \
                height="\(Coordinate.pixels(height))"><title>\(title)</title></rect>
                \(run.isLive ? Marker.diamond.markup(x: center, y: markY, title: "live") : .nothing)
                \(run.status == "failed" ? Marker.cross.markup(x: center, y: markY, title: "failed") : .nothing)
                """
        }
        return [area.drawing(columns)]
    }
}
