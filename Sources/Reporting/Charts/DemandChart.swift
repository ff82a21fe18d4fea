/// To how many clients products are suggested: a pale bar, and in it a dark one for those whose best suggestion it is.
struct DemandChart {
    private static let rowHeight = 36.0

    /// The products, from top to bottom.
    let products: [ProductDemand]

    var height: Double { Double(products.count) * Self.rowHeight }

    var drawing: [Markup] {
        let greatest = max(1, products.map(\.suggestedClients).max() ?? 1)
        return products.enumerated().map { index, product in
            let y = Double(index) * Self.rowHeight
            func width(_ clients: Int) -> String { Coordinate.percent(Double(clients) / Double(greatest)) }
            return """
                <text class="label" x="0" y="\(Coordinate.pixels(y + 13))"><title>\(product.name)</title>\
                \(Wording.truncated(product.name, to: 34))</text>
                <text class="value" text-anchor="end" x="100%" y="\(Coordinate.pixels(y + 13))">\
                \(Wording.count(product.suggestedClients))</text>
                <rect class="pale" x="0" y="\(Coordinate.pixels(y + 18))" height="12" \
                width="\(width(product.suggestedClients))" />
                <rect class="bar" x="0" y="\(Coordinate.pixels(y + 21))" height="6" \
                width="\(width(product.firstChoiceClients))" />
                """
        }
    }
}
