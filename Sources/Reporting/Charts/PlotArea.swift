/// A plot with two axes: x in shares of its width, y in pixels from its top.
struct PlotArea {
    // Room for the labels of the axes; the rest of the width is the plot's.
    private static let (left, width) = (0.14, 0.82)
    private static let (top, bottom) = (28.0, 42.0)

    /// The axis at the left, and how its ticks are written.
    let y: AxisScale
    let yTitle: String
    let yText: (Double) -> String
    /// The axis at the bottom; without one there are no ticks.
    var x: AxisScale?
    let xTitle: String
    var xText: (Double) -> String = { Wording.fixed($0, 0) }
    /// Height of the plot without the axes' labels, in pixels.
    let plotHeight: Double
    /// What is drawn above this one in the same drawing, in pixels.
    var offset = 0.0

    /// Height with the axes' labels, in pixels.
    var height: Double { plotHeight + Self.top + Self.bottom }

    /// Where a value of the left axis is, in pixels from the top of the plot.
    func pixels(_ value: Double) -> Double { plotHeight * (1 - y.position(value)) }

    /// The plot with what is drawn in it.
    func drawing(_ content: [Markup]) -> Markup {
        let horizontal: [Markup] = y.ticks.map { tick in
            let place = Coordinate.pixels(pixels(tick))
            return """
                <line class="grid" x1="0%" x2="100%" y1="\(place)" y2="\(place)" />
                <text class="tick" text-anchor="end" dominant-baseline="central" x="-2%" y="\(place)">\(yText(tick))</text>
                """
        }
        let vertical: [Markup] = (x?.ticks ?? []).map { tick in
            let place = Coordinate.percent(x?.position(tick) ?? 0)
            return """
                <line class="grid" x1="\(place)" x2="\(place)" y1="0" y2="\(Coordinate.pixels(plotHeight))" />
                <text class="tick" text-anchor="middle" x="\(place)" y="\(Coordinate.pixels(plotHeight + 16))">\
                \(xText(tick))</text>
                """
        }
        return """
            <text class="axis" x="0" y="\(Coordinate.pixels(offset + 13))">\(yTitle)</text>
            <svg x="\(Coordinate.percent(Self.left))" y="\(Coordinate.pixels(offset + Self.top))" \
            width="\(Coordinate.percent(Self.width))" height="\(Coordinate.pixels(plotHeight))" class="plot">
            \(horizontal)
            \(vertical)
            <line class="baseline" x1="0%" x2="100%" y1="\(Coordinate.pixels(plotHeight))" \
            y2="\(Coordinate.pixels(plotHeight))" />
            \(content)
            </svg>
            <text class="axis" text-anchor="middle" x="\(Coordinate.percent(Self.left + Self.width / 2))" \
            y="\(Coordinate.pixels(offset + Self.top + plotHeight + 35))">\(xTitle)</text>
            """
    }

    /// A line through points: x as a share of the width, y in pixels.
    func line(_ points: [(x: Double, y: Double)], cssClass: String) -> Markup {
        let list = points.map { "\(Coordinate.number(100 * $0.x)),\(Coordinate.number($0.y))" }.joined(separator: " ")
        // Stretched to the plot's width, which only the browser knows; the stroke is not.
        return """
            <svg viewBox="0 0 100 \(Coordinate.pixels(plotHeight))" preserveAspectRatio="none" width="100%" \
            height="\(Coordinate.pixels(plotHeight))" class="plot"><polyline class="\(cssClass)" points="\(list)" /></svg>
            """
    }
}
