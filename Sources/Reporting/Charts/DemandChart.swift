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
                \(RowLabel(name: product.name, value: Wording.count(product.suggestedClients)).markup(y: y))
                <rect class="pale" x="0" y="\(Coordinate.pixels(y + 18))" height="12" \
                width="\(width(product.suggestedClients))" />
                <rect class="bar" x="0" y="\(Coordinate.pixels(y + 21))" height="6" \
                width="\(width(product.firstChoiceClients))" />
                """
        }
    }
}
