import Holdings
import Postgres
import Recommending

/// Takes the rows of products.
struct ProductsCollector: SectionCollector {
    private struct Product {
        /// Rows of the product.
        var rowCount = 0
        var name: String?
        var isAvailable = true
    }

    static let step = SectionStep.list

    let query: SourceQuery?
    private let fields: ProductsStatement.Fields
    private var suitability: SuitabilityCollector
    /// By arrival index.
    private var products: [Product] = []
    /// By attribute, then by arrival index of the product; the first by bytes where there are several.
    private var attributeValues: [[[UInt8]?]]
    private var rowsWithoutKey = 0

    init(_ query: SourceQuery, _ fields: ProductsStatement.Fields) {
        self.query = query
        self.fields = fields
        suitability = SuitabilityCollector(fields.suitability, .product)
        attributeValues = fields.attributes.map { _ in [] }
    }

    mutating func add(_ row: BinaryCopyRow, _ ids: inout SourceIDs) throws {
        guard let key = row[fields.id] else {
            rowsWithoutKey += 1
            return
        }
        let product = Int(try ids.products.insert(key))
        products.extend(to: product + 1, with: Product())
        products[product].rowCount += 1
        try suitability.add(row, at: product)
        addAttributes(row, of: product)
        // An unknown availability blocks.
        if let available = fields.available, try row[available] != true { products[product].isAvailable = false }
        if let name = try fields.name.flatMap({ row[$0] }).map(NameTable.validText),
            products[product].name.map({ name.utf8.lexicographicallyPrecedes($0.utf8) }) ?? true
        {
            products[product].name = name
        }
    }

    private mutating func addAttributes(_ row: BinaryCopyRow, of product: Int) {
        for (attribute, field) in fields.attributes.enumerated() {
            attributeValues[attribute].extend(to: product + 1, with: nil)
            guard let value = row[field].map(Array.init) else { continue }
            if let known = attributeValues[attribute][product], !value.lexicographicallyPrecedes(known) { continue }
            attributeValues[attribute][product] = value
        }
    }

    mutating func finish(into input: inout SourceInput.Draft) throws {
        let products = products.reordered(by: input.order.newProducts, missing: Product())
        input.productNames = products.map(\.name)
        (input.productRisks, input.requirements) = suitability.finish(input.order.newProducts)
        // Where availability is mapped, a product that its relation does not know is not offered.
        let isMapped = fields.available != nil
        input.unavailableProducts = products.indices.filter { index in
            !products[index].isAvailable || (isMapped && products[index].rowCount == 0)
        }.map(Int32.init)
        if !attributeValues.isEmpty {
            input.productAttributes = ProductAttributes(
                values: attributeValues.map { Self.numbered($0.reordered(by: input.order.newProducts, missing: nil)) },
                productCount: input.order.products.count)
        }
        input.findings.addNullKeys(rowsWithoutKey)
        input.addProductsFindings(rowCounts: products.map(\.rowCount))
    }

    /// A number for each different value.
    private static func numbered(_ values: [[UInt8]?]) -> [Int32?] {
        var numbers: [[UInt8]: Int32] = [:]
        return values.map { value in
            guard let value else { return nil }
            let number = numbers[value] ?? Int32(numbers.count)
            numbers[value] = number
            return number
        }
    }
}
