import Holdings
import Postgres
import Recommending

/// Takes what rows say about what products are made of, and adds what they have in common.
struct ComponentsCollector: SectionCollector {
    static let step = SectionStep.reference

    let query: SourceQuery?
    private let fields: ComponentsStatement
    private var builder = ComponentsBuilder()
    /// Ids that are nowhere else.
    private var unknown: IdentifierTable
    private var rowsWithUnknown = 0
    private var rowsWithoutKey = 0

    init(_ query: SourceQuery?, _ fields: ComponentsStatement, productType: IdentifierType) {
        self.query = query
        self.fields = fields
        unknown = IdentifierTable(type: productType)
    }

    mutating func add(_ row: BinaryCopyRow, _ ids: inout SourceIDs) throws {
        guard let product = row[fields.product], let component = row[fields.component] else {
            rowsWithoutKey += 1
            return
        }
        if let product = ids.products.index(of: product), let component = ids.products.index(of: component) {
            builder.add(product: product, component: component, weight: try row[fields.weight])
            return
        }
        rowsWithUnknown += 1
        for key in [product, component] where ids.products.index(of: key) == nil {
            _ = try UnusableID.catching(.product) { try unknown.insert(key) }
        }
    }

    mutating func finish(into input: inout SourceInput.Draft) throws {
        let (components, quality) = builder.finish(
            productOrder: input.order.newProducts, isHeld: input.isHeld, attributes: input.productAttributes)
        input.components = components
        if let components { input.fingerprinted.append(components) }
        input.findings.addNullKeys(rowsWithoutKey)
        input.addComponentsFindings(quality, unknown: unknown.sorted().table, rowsWithUnknown: rowsWithUnknown)
    }
}

extension ProductComponents: Fingerprinted {
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
