import Holdings
import Recommending

/// `peerfolio.run_products`: every product.
enum RunProductRows: ResultTable {
    struct Row {
        let runID: Int64
        let product: ProductID
        let name: String?
        let holders: Int64
        let baseRate: Double
        let isAvailable: Bool
        let scoredFrom: String?
    }

    static let name = "run_products"
    static let key = ["run_id", "product_id"]

    @inline(__always)
    static func fields<Fields: RowFields>(_ fields: inout Fields, _ row: () -> Row) throws(Fields.Failure) {
        try fields.add("run_id", row().runID)
        try fields.add("product_id", row().product)
        try fields.add("name", row().name)
        try fields.add("holders", row().holders)
        try fields.add("base_rate", row().baseRate)
        try fields.add("is_available", row().isAvailable)
        try fields.add("scored_from", row().scoredFrom)
    }

    static func write(
        _ results: RunResults, of run: RunPlace, to rows: inout RowWriter<Self>, progress: (Int) -> Void
    ) throws {
        for product in 0..<Int32(results.roster.products.count) {
            try results.roster.products.withBytes(at: product) { id in
                try rows.append(
                    Row(
                        runID: run.runID, product: ProductID(bytes: id),
                        name: results.roster.productNames[Int(product)],
                        holders: Int64(results.popularity.holders[Int(product)]),
                        baseRate: results.popularity.baseRate(of: product),
                        isAvailable: results.policy.isOffered(product: product),
                        scoredFrom: results.components?.source(of: product)?.rawValue))
            }
        }
    }
}
