import Postgres

/// The columns of clients or of products that decide on suitability.
struct SuitabilityFields: Sendable {
    enum Risk: Sendable {
        case number(Field<Double>)
        /// A word, and the levels by the bytes of their words.
        case word(Field<UnsafeRawBufferPointer>, levels: [[UInt8]: Double])
    }

    /// Nil when risk is not mapped.
    let risk: Risk?
    /// Whether the client is qualified or the product requires it; nil when that is not mapped.
    let flag: Field<Bool>?

    /// - Parameters:
    ///   - risk: The column with the risk.
    ///   - levels: The words for risk, lowest first, or nil where it is a number.
    ///   - flag: The boolean column.
    ///   - flagKey: The key that asks for the boolean column.
    ///   - section: `clients` or `products`.
    ///   - list: Gets the columns.
    init(
        risk: String?, levels: [String]?, flag: String?, flagKey: String, section: String, _ list: inout FieldList
    ) {
        let key = "\(section).risk"
        if let risk, let levels {
            let words = levels.enumerated().map { (Array($0.element.utf8), Double($0.offset)) }
            let numbers = Dictionary(words) { first, _ in first }
            self.risk = .word(list.add(risk, key: key, .text), levels: numbers)
        } else {
            let reading = ColumnReading.number {
                "the column \"\($0)\" is not a number; list its values in suitability.levels, lowest first"
            }
            self.risk = risk.map { .number(list.add($0, key: key, reading)) }
        }
        self.flag = flag.map { list.add($0, key: "\(section).\(flagKey)", .flag(in: section)) }
    }
}

/// Takes what rows of clients or of products say about suitability; of several rows for one, the strictest counts.
struct SuitabilityCollector: Sendable {
    /// Whose rows these are: the lower risk of clients is the stricter, and the higher of products.
    enum Side {
        case client
        case product
    }

    private let fields: SuitabilityFields
    private var risks: StrictestValues<Double>
    private var flags: StrictestValues<Bool>

    init(_ fields: SuitabilityFields, _ side: Side) {
        self.fields = fields
        switch side {
        case .client: (risks, flags) = (StrictestValues(stricter: min), StrictestValues { $0 && $1 })
        case .product: (risks, flags) = (StrictestValues(stricter: max), StrictestValues { $0 || $1 })
        }
    }

    /// Takes a row.
    ///
    /// - Parameter index: The arrival index of the client or the product.
    mutating func add(_ row: BinaryCopyRow, at index: Int) throws {
        // Unknown for NULL, for a text that is no level, and for a number that is not finite.
        switch fields.risk {
        case .number(let field): risks.add(try row[field].flatMap { $0.isFinite ? $0 : nil }, at: index)
        case .word(let field, let levels): risks.add(row[field].flatMap { levels[Array($0)] }, at: index)
        case nil: break
        }
        if let flag = fields.flag { flags.add(try row[flag], at: index) }
    }

    /// What was read, in the order of ids, nil for what is unknown or has no row; nil for what is not mapped.
    ///
    /// - Parameter newIndexes: The final index of every client or product by arrival index.
    consuming func finish(_ newIndexes: [Int32]) -> (risks: [Double?]?, flags: [Bool?]?) {
        (
            fields.risk.map { _ in risks.values.reordered(by: newIndexes, missing: nil) },
            fields.flag.map { _ in flags.values.reordered(by: newIndexes, missing: nil) }
        )
    }
}

/// Values by arrival index, where of several for one index the stricter counts, and an unknown one is the strictest.
private struct StrictestValues<Value: Sendable>: Sendable {
    private(set) var values: [Value?] = []
    private var isSet: [Bool] = []
    private let stricter: @Sendable (Value, Value) -> Value

    init(stricter: @escaping @Sendable (Value, Value) -> Value) {
        self.stricter = stricter
    }

    mutating func add(_ value: Value?, at index: Int) {
        values.extend(to: index + 1, with: nil)
        isSet.extend(to: index + 1, with: false)
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
}
