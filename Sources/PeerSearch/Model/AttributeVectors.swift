/// The weighted columns of attributes, one sparse row per client or per distinct portfolio.
///
/// The columns of an attribute follow those of the one before: one for each category, which is the weight for a client in
/// it, or one for a number, which is the weight times the number's quantile. A client of whom nothing is known has none.
struct AttributeVectors: Sendable {
    /// The weight of each column, which its values have been multiplied by.
    let weights: [Double]
    /// Where each row's columns begin, and the number of columns at the end.
    private(set) var offsets: [Int]
    /// The columns that are not 0, ascending inside a row.
    private(set) var columns: [Int32]
    /// Their values, finite and above 0.
    private(set) var values: [Double]

    /// Lays out the attributes of all clients; one row per client.
    ///
    /// - Precondition: Every attribute is about as many clients.
    /// - Complexity: O(clients x attributes), and the sorting of numbers.
    init(_ attributes: [ClientAttribute], clientCount: Int) {
        precondition(attributes.allSatisfy { $0.clientCount == clientCount }, "an attribute is about other clients")
        let quantiles = attributes.map { attribute -> [Double] in
            guard case .numbers(let numbers) = attribute.values else { return [] }
            return ClientAttribute.quantiles(of: numbers)
        }
        var firstColumns: [Int32] = []
        var weights: [Double] = []
        for attribute in attributes {
            firstColumns.append(Int32(weights.count))
            weights += [Double](repeating: attribute.weight, count: attribute.columnCount)
        }
        self.init(weights: weights)
        for client in 0..<clientCount {
            for (index, attribute) in attributes.enumerated() {
                switch attribute.values {
                case .categories(let categories):
                    if categories[client] >= 0 { append(attribute.weight, firstColumns[index] + categories[client]) }
                case .numbers:
                    append(attribute.weight * quantiles[index][client], firstColumns[index])
                }
            }
            offsets.append(columns.count)
        }
    }

    private init(weights: [Double]) {
        self.weights = weights
        (offsets, columns, values) = ([0], [], [])
    }

    /// Appends a column, unless its value is unknown or, times a tiny weight, no number above 0.
    private mutating func append(_ value: Double, _ column: Int32) {
        guard value > 0 else { return }
        columns.append(column)
        values.append(value)
    }

    /// The rows of some clients, in their order.
    func rows(of clients: some Sequence<Int32>) -> AttributeVectors {
        var rows = AttributeVectors(weights: weights)
        for client in clients {
            let row = row(Int(client))
            rows.columns.append(contentsOf: columns[row])
            rows.values.append(contentsOf: values[row])
            rows.offsets.append(rows.columns.count)
        }
        return rows
    }

    /// Where the columns of a row are in ``columns`` and ``values``.
    func row(_ index: Int) -> Range<Int> { offsets[index]..<offsets[index + 1] }

    /// Whether two rows are equal bit for bit.
    func areEqual(_ left: Int, _ right: Int) -> Bool {
        columns[row(left)] == columns[row(right)] && values[row(left)] == values[row(right)]
    }

    /// Whether one row comes before another: by the list of columns, then by the values.
    func precedes(_ left: Int, _ right: Int) -> Bool {
        let (left, right) = (row(left), row(right))
        if columns[left] != columns[right] { return columns[left].lexicographicallyPrecedes(columns[right]) }
        return values[left].lexicographicallyPrecedes(values[right])
    }
}
