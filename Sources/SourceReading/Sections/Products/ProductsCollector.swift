import Holdings
import Postgres
import Recommending

/// Takes the rows of products.
struct ProductsCollector: SectionCollector {
    static let step = SectionStep.list

    let query: SourceQuery?
    private let fields: ProductsStatement
    /// Rows by the product's arrival index.
    private var rowCounts: [Int] = []
    private var names = FirstTexts()
    private var isAvailable: [Bool] = []
    private var attributes: [FirstTexts]
    private var suitability: SuitabilityCollector
    private var rowsWithoutKey = 0

    init(_ query: SourceQuery, _ fields: ProductsStatement) {
        self.query = query
        self.fields = fields
        attributes = fields.attributes.map { _ in FirstTexts() }
        suitability = SuitabilityCollector(fields.suitability, .product)
    }

    mutating func add(_ row: BinaryCopyRow, _ ids: inout SourceIDs) throws {
        guard let key = row[fields.id] else {
            rowsWithoutKey += 1
            return
        }
        let product = Int(try ids.insert(product: key))
        rowCounts.extend(to: product + 1, with: 0)
        rowCounts[product] += 1
        try suitability.add(row, at: product)
        if let name = fields.name { try names.add(row[name], at: product) }
        for (index, field) in fields.attributes.enumerated() { try attributes[index].add(row[field], at: product) }
        if let available = fields.available {
            isAvailable.extend(to: product + 1, with: true)
            // An unknown availability blocks.
            if try row[available] != true { isAvailable[product] = false }
        }
    }

    mutating func finish(into input: inout SourceInput.Draft) throws {
        let newProducts = input.order.newProducts
        let rowCounts = rowCounts.reordered(by: newProducts, missing: 0)
        let (texts, indexes) = names.finish(newProducts)
        input.productNames = indexes.map { $0 < 0 ? nil : texts[Int($0)] }
        (input.productRisks, input.requirements) = suitability.finish(newProducts)
        if fields.available != nil {
            // A product that the relation does not know is not offered.
            let isAvailable = isAvailable.reordered(by: newProducts, missing: false)
            input.unavailableProducts = isAvailable.indices.filter { !isAvailable[$0] || rowCounts[$0] == 0 }
                .map(Int32.init)
        }
        if !attributes.isEmpty {
            let values = attributes.map { $0.finish(newProducts).indexes.map { $0 < 0 ? nil : $0 } }
            input.productAttributes = ProductAttributes(values: values, productCount: newProducts.count)
        }
        input.unlistedProducts = rowCounts.indices.filter { rowCounts[$0] == 0 }.map(Int32.init)
        input.findings.addNullKeys(rowsWithoutKey)
        input.addProductsFindings(rowCounts: rowCounts)
    }
}
