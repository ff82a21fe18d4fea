/// A list of products for each client.
public struct ClientProducts: Sendable, Hashable {
    private let offsets: [Int]
    private let products: [Int32]

    /// Creates lists from pairs.
    ///
    /// - Parameters:
    ///   - pairs: A client and one of its products each, in any order.
    ///   - clientCount: Clients that exist.
    public init(_ pairs: [(client: Int32, product: Int32)], clientCount: Int) {
        var offsets = [Int](repeating: 0, count: clientCount + 1)
        for pair in pairs { offsets[Int(pair.client) + 1] += 1 }
        for client in 0..<clientCount { offsets[client + 1] += offsets[client] }
        self.offsets = offsets
        products = pairs.sorted { ($0.client, $0.product) < ($1.client, $1.product) }.map(\.product)
    }

    /// Clients that exist, with or without products.
    public var clientCount: Int { offsets.count - 1 }

    /// The products of a client, ascending.
    public subscript(client: Int) -> ArraySlice<Int32> {
        products[offsets[client]..<offsets[client + 1]]
    }
}
