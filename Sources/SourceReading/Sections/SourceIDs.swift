import Holdings

/// The ids of clients and products, with arrival indexes in the order in which the sections met them.
struct SourceIDs {
    /// The most bytes of an id.
    ///
    /// PostgreSQL's indexes take 2,704 for an entry, and those of the results have a slot, a run and some alignment in it.
    static let longest = 2600

    private(set) var clients: IdentifierTable
    private(set) var products: IdentifierTable

    init(_ types: IdentifierTypes) {
        clients = IdentifierTable(type: types.client, longest: Self.longest)
        products = IdentifierTable(type: types.product, longest: Self.longest)
    }

    /// The arrival index of a client, who may be new.
    ///
    /// - Throws: `UnusableID`.
    mutating func insert(client: UnsafeRawBufferPointer) throws -> Int32 {
        try UnusableID.catching(.client) { try clients.insert(client) }
    }

    /// The arrival indexes of clients, who may be new.
    ///
    /// - Throws: `UnusableID`.
    mutating func insert(clients batch: IdentifierBatch) throws -> [Int32] {
        try UnusableID.catching(.client) { try clients.insert(batch) }
    }

    /// The arrival index of a product, which may be new.
    ///
    /// - Throws: `UnusableID`.
    mutating func insert(product: UnsafeRawBufferPointer) throws -> Int32 {
        try UnusableID.catching(.product) { try products.insert(product) }
    }
}

/// An id that cannot be used, and whose it is.
struct UnusableID: Error {
    let identified: Identified
    let error: IdentifierError

    @inline(__always)
    static func catching<Value>(_ identified: Identified, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as IdentifierError {
            throw UnusableID(identified: identified, error: error)
        }
    }
}

extension SourceError {
    /// An error about an id that was read.
    ///
    /// - Parameter columns: Where the section has ids.
    init(_ unusable: UnusableID, in columns: [SourceColumn]) {
        let columns = columns.filter { $0.identifies == unusable.identified }
        self.init(unusable.error)
        key = columns.first?.key
        let names = columns.map { "\"\($0.name)\"" }.joined(separator: " or ")
        switch unusable.error.code {
        case .invalidText, .invalidLength: return
        case .notWhole: message = "\(message); round the column \(names) in a query, or leave such rows out"
        case .tooLong: message = "\(message); map another column than \(names), or its md5 in a query"
        }
        guard let example = unusable.error.example else { return }
        (message, shownMessage) = ("\(message); `peerfolio check` shows it", "\(message): \(example)")
    }
}

/// The ids of clients and products in ascending order, and the final index of each by its arrival index.
struct SourceOrder: Sendable {
    let (clients, newClients): (IdentifierTable, [Int32])
    let (products, newProducts): (IdentifierTable, [Int32])

    init(_ ids: consuming SourceIDs) {
        (clients, newClients) = ids.clients.sorted()
        (products, newProducts) = ids.products.sorted()
    }
}

extension Array {
    /// Makes room up to a count, at the end.
    mutating func extend(to count: Int, with element: Element) {
        guard self.count < count else { return }
        append(contentsOf: repeatElement(element, count: count - self.count))
    }

    /// Elements by arrival index, put into the order of final indexes; what has not arrived here is `missing`.
    func reordered(by newIndexes: [Int32], missing: Element) -> [Element] {
        var result = [Element](repeating: missing, count: newIndexes.count)
        for (index, element) in enumerated() { result[Int(newIndexes[index])] = element }
        return result
    }
}
