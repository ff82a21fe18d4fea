/// The vectors whose distances are measured: of every distinct portfolio the encoded products, then the weighted
/// attributes of its clients.
///
/// Columns below ``productCount`` are products. The others take part in distances only: they are never shared products,
/// nor products that a client lacks. Without attributes this is the memory of the portfolios themselves.
struct PortfolioVectors: Sendable {
    /// Products that exist, held or not: the first columns.
    let productCount: Int
    /// The weight of each column of attributes, which its values have been multiplied by.
    let attributeWeights: [Double]
    /// Where each vector's columns begin, and the number of columns at the end: `count + 1` numbers.
    let offsets: [Int]
    /// The columns that are not 0, ascending inside a vector.
    let columns: [Int32]
    /// Their values, finite and above 0.
    let values: [Double]

    /// Joins products and attributes.
    ///
    /// - Parameters:
    ///   - productCount: Products that exist.
    ///   - offsets: Where each portfolio's products begin, and their number at the end.
    ///   - products: The held products, ascending inside a portfolio.
    ///   - values: Their encoded values.
    ///   - attributes: A row for each portfolio; nothing where no attributes are configured.
    init(
        productCount: Int, offsets: [Int], products: [Int32], values: [Double], attributes: AttributeVectors?
    ) {
        self.productCount = productCount
        attributeWeights = attributes?.weights ?? []
        guard let attributes else {
            (self.offsets, columns, self.values) = (offsets, products, values)
            return
        }
        var (joinedOffsets, joinedColumns, joinedValues) = ([0], [Int32](), [Double]())
        joinedColumns.reserveCapacity(products.count + attributes.columns.count)
        joinedValues.reserveCapacity(products.count + attributes.columns.count)
        for portfolio in 0..<(offsets.count - 1) {
            let held = offsets[portfolio]..<offsets[portfolio + 1]
            let row = attributes.row(portfolio)
            joinedColumns.append(contentsOf: products[held])
            joinedColumns.append(contentsOf: attributes.columns[row].lazy.map { Int32(productCount) + $0 })
            joinedValues.append(contentsOf: values[held])
            joinedValues.append(contentsOf: attributes.values[row])
            joinedOffsets.append(joinedColumns.count)
        }
        (self.offsets, columns, self.values) = (joinedOffsets, joinedColumns, joinedValues)
    }

    /// Columns of products and attributes.
    var columnCount: Int { productCount + attributeWeights.count }

    /// Vectors.
    var count: Int { offsets.count - 1 }

    /// Where a vector's columns are in ``columns`` and ``values``.
    func columns(of portfolio: Int) -> Range<Int> {
        offsets[portfolio]..<offsets[portfolio + 1]
    }
}
