import Holdings
import Postgres
import Recommending

/// Takes what rows say about what products are made of, and what they have in common.
struct ComponentsCollector {
    /// Fields of a product's row that are attributes.
    private let attributeFields: Range<Int>
    private var builder = ComponentsBuilder()
    /// By attribute, then by arrival index of the product; the first by bytes where there are several.
    private var values: [[[UInt8]?]]
    private var unknown: IdentifierTable
    private var unknownCount = 0

    /// Rows whose product or component was NULL; set aside.
    private(set) var rowsWithNullKey = 0

    init(attributeFields: Range<Int>, productType: IdentifierType) {
        self.attributeFields = attributeFields
        values = attributeFields.map { _ in [] }
        unknown = IdentifierTable(type: productType)
    }

    mutating func addAttributes(of product: Int, _ row: BinaryCopyRow) {
        for (attribute, field) in attributeFields.enumerated() {
            while values[attribute].count <= product { values[attribute].append(nil) }
            guard let value = row[field].map(Array.init) else { continue }
            let known = values[attribute][product]
            if known.map({ value.lexicographicallyPrecedes($0) }) ?? true { values[attribute][product] = value }
        }
    }

    /// Product id, component id, weight.
    mutating func add(_ row: BinaryCopyRow, products: IdentifierTable) throws {
        guard let product = row[0], let component = row[1] else {
            rowsWithNullKey += 1
            return
        }
        if let product = products.index(of: product), let component = products.index(of: component) {
            builder.add(product: product, component: component, weight: try row.double(2))
            return
        }
        unknownCount += 1
        for key in [product, component] where products.index(of: key) == nil { _ = try unknown.insert(key) }
    }

    /// The components in the order of ids, and what was odd about their rows.
    ///
    /// - Parameters:
    ///   - productOrder: The final index of every product by arrival index.
    ///   - isHeld: By final index, whether anybody holds the product.
    ///   - ids: The ids by final index.
    consuming func finish(
        productOrder: [Int32], isHeld: [Bool], ids: IdentifierTable
    ) -> (components: ProductComponents?, statistics: ComponentsStatistics) {
        let (components, quality) = builder.finish(
            productOrder: productOrder, isHeld: isHeld,
            attributes: values.isEmpty
                ? nil
                : ProductAttributes(
                    values: values.map { Self.numbered($0, by: productOrder) }, productCount: productOrder.count))
        func occurrences(_ products: [Int32]) -> SourceStatistics.Occurrences {
            let distinct = products.enumerated().filter { $0.offset == 0 || products[$0.offset - 1] != $0.element }
            return .init(count: products.count, examples: distinct.prefix(5).map { ids.text(at: $0.element) })
        }
        let (sortedUnknown, _) = unknown.sorted()
        let statistics = ComponentsStatistics(
            unknown: .init(
                count: unknownCount,
                examples: (0..<Int32(min(5, sortedUnknown.count))).map { sortedUnknown.text(at: $0) }),
            invalidWeights: occurrences(quality.invalidWeights), ownComponents: occurrences(quality.ownComponents),
            cycles: occurrences(quality.cycles))
        return (components, statistics)
    }

    /// A number for each different value, by final index of the product.
    private static func numbered(_ values: [[UInt8]?], by productOrder: [Int32]) -> [Int32?] {
        var numbers: [[UInt8]: Int32] = [:]
        var result = [Int32?](repeating: nil, count: productOrder.count)
        for (product, value) in values.enumerated() {
            guard let value else { continue }
            let number = numbers[value] ?? Int32(numbers.count)
            numbers[value] = number
            result[Int(productOrder[product])] = number
        }
        return result
    }
}

extension ProductComponents {
    /// Adds everything to the fingerprint of the input.
    func combine(into fingerprint: inout InputFingerprint) {
        for product in products {
            fingerprint.combine(UInt64(product))
            fingerprint.combine(source(of: product)?.rawValue)
            for part in parts(of: product) {
                fingerprint.combine(UInt64(part.product))
                fingerprint.combine(part.weight.bitPattern)
            }
        }
    }
}
