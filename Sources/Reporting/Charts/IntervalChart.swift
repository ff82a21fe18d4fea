import Evaluation

/// Figures with their intervals below each other on one axis.
struct IntervalChart {
    /// A figure.
    struct Row {
        let label: String
        let estimate: Estimate
        let marker: Marker
    }

    private static let rowHeight = 44.0
    private static let axisHeight = 42.0
    // The outermost labels of the axis are centered below its ends.
    private static let (left, width) = (0.06, 0.88)

    /// The figures, from top to bottom.
    let rows: [Row]
    /// What the axis measures.
    let axisTitle: String
    /// Decimals of the figures.
    let decimals: Int
    /// Whether the figures are differences, with their sign and a line at 0.
    var isDifference = false

    var height: Double { Double(rows.count) * Self.rowHeight + Self.axisHeight }

    private var scale: AxisScale {
        AxisScale(around: rows.flatMap { [$0.estimate.low, $0.estimate.value, $0.estimate.high] })
    }

    var drawing: [Markup] {
        let (scale, bottom) = (scale, Double(rows.count) * Self.rowHeight)
        var plot: [Markup] = scale.ticks.map { tick in
            let x = Coordinate.percent(scale.position(tick))
            // The line at 0 is what a difference is read against.
            let isReference = isDifference && abs(tick) < scale.step / 2
            return """
                <line class="\(isReference ? "reference" : "grid")" x1="\(x)" x2="\(x)" y1="0" \
                y2="\(Coordinate.pixels(bottom))" />
                <text class="tick" text-anchor="middle" x="\(x)" y="\(Coordinate.pixels(bottom + 16))">\
                \(Wording.fixed(tick, scale.decimals))</text>
                """
        }
        for (index, row) in rows.enumerated() {
            plot.append(marks(row, y: Double(index) * Self.rowHeight + 26, scale))
        }
        let labels = rows.enumerated().map { index, row in
            RowLabel(name: row.label, value: text(row.estimate.value)).markup(y: Double(index) * Self.rowHeight)
        }
        return [
            """
            <svg x="\(Coordinate.percent(Self.left))" width="\(Coordinate.percent(Self.width))" class="plot">
            \(plot)
            </svg>
            <text class="axis" text-anchor="middle" x="50%" y="\(Coordinate.pixels(bottom + 35))">\(axisTitle)</text>
            """
        ] + labels
    }

    private func marks(_ row: Row, y: Double, _ scale: AxisScale) -> Markup {
        // A mark at 0 would be a lie.
        guard row.estimate.value.isFinite else { return .nothing }
        let ends = [row.estimate.low, row.estimate.high].map { Coordinate.percent(scale.position($0)) }
        let title = "\(row.label): \(text(row.estimate.value)), 95% \(Wording.interval(row.estimate, decimals))"
        let caps: [Markup] = ends.map { end in
            """
            <line class="whisker" x1="\(end)" x2="\(end)" y1="\(Coordinate.pixels(y - 5))" \
            y2="\(Coordinate.pixels(y + 5))" />
            """
        }
        return """
            <line class="whisker" x1="\(ends[0])" x2="\(ends[1])" y1="\(Coordinate.pixels(y))" \
            y2="\(Coordinate.pixels(y))" />
            \(caps)
            \(row.marker.markup(x: scale.position(row.estimate.value), y: y, title: title))
            """
    }

    private func text(_ number: Double) -> String {
        isDifference ? Wording.signed(number, decimals) : Wording.fixed(number, decimals)
    }
}
