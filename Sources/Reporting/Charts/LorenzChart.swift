/// The Lorenz curve of suggestions over products, with the diagonal of perfect evenness.
struct LorenzChart {
    let exposure: ProductExposure

    private var area: PlotArea {
        let scale = AxisScale(0, 1)
        return PlotArea(
            y: scale, yTitle: "Share of all suggestions", yText: { Wording.percent($0, 0) }, x: scale,
            xTitle: "Share of products, the least suggested first", xText: { Wording.percent($0, 0) }, plotHeight: 260)
    }

    var height: Double { area.height }

    var drawing: [Markup] {
        let area = area
        let curve = exposure.lorenzCurve.map { (x: $0.products, y: area.pixels($0.suggestions)) }
        return [
            area.drawing([
                """
                <line class="diagonal" x1="0%" y1="\(Coordinate.pixels(area.plotHeight))" x2="100%" y2="0" />
                """,
                area.line(curve, cssClass: "curve"),
            ])
        ]
    }
}
