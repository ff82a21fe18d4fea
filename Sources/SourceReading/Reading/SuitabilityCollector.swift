import Postgres
import Recommending

/// Takes what rows of clients and products say about suitability; of several rows for one, the strictest counts.
struct SuitabilityCollector {
    private let plan: SuitabilityPlan
    private var clientRisks = StrictestValues<Double>(stricter: min)
    private var productRisks = StrictestValues<Double>(stricter: max)
    private var qualified = StrictestValues<Bool> { $0 && $1 }
    private var requirements = StrictestValues<Bool> { $0 || $1 }

    init(_ plan: SuitabilityPlan) {
        self.plan = plan
    }

    mutating func addClient(_ client: Int, _ row: BinaryCopyRow) throws {
        if let risk = plan.risk { clientRisks.add(try self.risk(row, risk.client), at: client) }
        if let field = plan.qualification { qualified.add(try row.bool(field.client), at: client) }
    }

    mutating func addProduct(_ product: Int, _ row: BinaryCopyRow) throws {
        if let risk = plan.risk { productRisks.add(try self.risk(row, risk.product), at: product) }
        if let field = plan.qualification { requirements.add(try row.bool(field.product), at: product) }
    }

    /// Nothing for NULL, for a text that is no level, and for a number that is not finite.
    private func risk(_ row: BinaryCopyRow, _ field: Int) throws -> Double? {
        if let levels = plan.levels { return row[field].flatMap { levels[Array($0)] } }
        return try row.double(field).flatMap { $0.isFinite ? $0 : nil }
    }

    /// What was read, in the order of ids; what has no row is unknown.
    ///
    /// - Parameters:
    ///   - clientOrder: The final index of every client by arrival index.
    ///   - productOrder: The final index of every product by arrival index.
    consuming func finish(clientOrder: [Int32], productOrder: [Int32]) -> SuitabilityValues {
        SuitabilityValues(
            risk: plan.risk.map { _ in
                .init(
                    clients: clientRisks.reordered(by: clientOrder),
                    products: productRisks.reordered(by: productOrder))
            },
            qualification: plan.qualification.map { _ in
                .init(
                    clients: qualified.reordered(by: clientOrder),
                    products: requirements.reordered(by: productOrder))
            })
    }
}

/// What is known about suitability, by final index.
struct SuitabilityValues {
    let risk: Suitability.Requirement<Double>?
    let qualification: Suitability.Requirement<Bool>?

    /// Adds everything to the fingerprint of the input.
    func combine(into fingerprint: inout InputFingerprint) {
        for value in (risk?.clients ?? []) + (risk?.products ?? []) {
            // No finite number has these bits.
            fingerprint.combine(value?.bitPattern ?? UInt64.max)
        }
        for value in (qualification?.clients ?? []) + (qualification?.products ?? []) {
            fingerprint.combine(value.map { $0 ? 1 : 0 } ?? 2)
        }
    }
}

/// Values by arrival index, where of several for one index the stricter counts, and an unknown one is the strictest.
private struct StrictestValues<Value> {
    private var values: [Value?] = []
    private var isSet: [Bool] = []
    private let stricter: (Value, Value) -> Value

    init(stricter: @escaping (Value, Value) -> Value) {
        self.stricter = stricter
    }

    mutating func add(_ value: Value?, at index: Int) {
        while values.count <= index {
            values.append(nil)
            isSet.append(false)
        }
        guard isSet[index] else {
            isSet[index] = true
            values[index] = value
            return
        }
        if let first = values[index], let value {
            values[index] = stricter(first, value)
        } else {
            values[index] = nil
        }
    }

    func reordered(by newIndexes: [Int32]) -> [Value?] {
        var result = [Value?](repeating: nil, count: newIndexes.count)
        for (index, value) in values.enumerated() { result[Int(newIndexes[index])] = value }
        return result
    }
}
