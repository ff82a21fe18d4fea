/// A client and a product.
public struct ClientProduct: Sendable, Hashable, Comparable {
    /// The client's index.
    public let client: Int32
    /// The product's index.
    public let product: Int32

    /// Creates a pair.
    public init(client: Int32, product: Int32) {
        self.client = client
        self.product = product
    }

    /// Ascending by client, then by product.
    public static func < (left: ClientProduct, right: ClientProduct) -> Bool {
        (left.client, left.product) < (right.client, right.product)
    }
}
