import Holdings
import Postgres
import Recommending

/// Takes what must not be offered to whom, and why.
struct ExclusionsCollector: SectionCollector {
    /// The most bytes of a reason that are kept.
    private static let longestReason = 200

    static let step = SectionStep.reference

    let query: SourceQuery?
    private let fields: ExclusionsStatement
    /// By arrival indexes, reasons included.
    private var exclusions: [Policy.Exclusion] = []
    /// Many rows have the same one.
    private var reasons = NameTable()
    private var rowsWithUnknown = 0
    private var longReasons = 0

    init(_ query: SourceQuery, _ fields: ExclusionsStatement) {
        self.query = query
        self.fields = fields
    }

    mutating func add(_ row: BinaryCopyRow, _ ids: inout SourceIDs) throws {
        let client = row[fields.client].map { ids.clients.index(of: $0) }
        let product = row[fields.product].map { ids.products.index(of: $0) }
        guard client != .some(nil), product != .some(nil) else {
            rowsWithUnknown += 1
            return
        }
        exclusions.append(
            Policy.Exclusion(
                client: client ?? nil, product: product ?? nil,
                reason: try row[fields.reason].flatMap { try insert(reason: $0) }))
    }

    /// The index of a reason; nil for an empty one, which tells nothing.
    private mutating func insert(reason: UnsafeRawBufferPointer) throws -> Int32? {
        guard !reason.isEmpty else { return nil }
        guard reason.count > Self.longestReason else { return try reasons.insert(reason) }
        longReasons += 1
        // Back to the first byte of the character that does not fit.
        var end = Self.longestReason
        while end > 0, reason[end] & 0xC0 == 0x80 { end -= 1 }
        return try reasons.insert(UnsafeRawBufferPointer(rebasing: reason[..<end]))
    }

    mutating func finish(into input: inout SourceInput.Draft) throws {
        let rowCount = exclusions.count + rowsWithUnknown
        let (texts, places) = reasons.sorted(0..<Int32(reasons.count))
        input.reasons = texts
        for index in exclusions.indices {
            let exclusion = exclusions[index]
            exclusions[index] = Policy.Exclusion(
                client: exclusion.client.map { input.order.newClients[Int($0)] },
                product: exclusion.product.map { input.order.newProducts[Int($0)] },
                reason: exclusion.reason.map { places[Int($0)] })
        }
        (input.exclusions, exclusions) = (exclusions, [])
        input.addExclusionsFindings(rowsWithUnknown: rowsWithUnknown, of: rowCount, longReasons: longReasons)
    }
}
