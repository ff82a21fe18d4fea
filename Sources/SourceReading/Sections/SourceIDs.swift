import Holdings

/// The ids of clients and products, with arrival indexes in the order in which the sections met them.
struct SourceIDs {
    var clients: IdentifierTable
    var products: IdentifierTable

    init(_ types: IdentifierTypes) {
        clients = IdentifierTable(type: types.client)
        products = IdentifierTable(type: types.product)
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
