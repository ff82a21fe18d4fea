/// What is suggested most.
struct ProductsSection {
    let live: PublishedRun?

    var section: Section {
        Section(id: "products", heading: "Top products", body: [body])
    }

    private var body: Markup {
        guard let live, !live.topProducts.isEmpty else {
            return Section.notice("Nothing is published, so no product is suggested.")
        }
        let (products, chart) = (live.topProducts, DemandChart(products: live.topProducts))
        var table = DataTable(
            "The most suggested products",
            [
                .text("Product"), .number("Suggested to"), .number("First choice of"), .number("Held by"),
                .number("Share of clients"), .number("Mean score"),
            ])
        for product in products {
            table.add([
                product.name, Wording.count(product.suggestedClients), Wording.count(product.firstChoiceClients),
                Wording.count(product.holders), Wording.percent(product.baseRate),
                product.averageScore.map { Wording.fixed($0, 3) } ?? Wording.nothing,
            ])
        }
        let figure = Figure(
            id: "products-demand", title: "Clients that products are suggested to, in run \(live.runID)",
            description: products.map { product in
                """
                \(product.name): \(Wording.count(product.suggestedClients)), first choice of \
                \(Wording.count(product.firstChoiceClients))
                """
            }.joined(separator: "; "),
            legend: "<p class=\"legend\">Thick pale bar: suggested. Thin dark bar: the client's best suggestion.</p>",
            height: chart.height, drawing: chart.drawing, table: table)
        return Section.beside([figure])
    }
}
