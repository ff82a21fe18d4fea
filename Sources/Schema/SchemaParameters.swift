/// What the migrations need to know about the warehouse they are installed into.
public struct SchemaParameters: Sendable, Hashable {
    /// SQL types that ids may have.
    public static let identifierTypes = ["bigint", "numeric", "text", "uuid"]

    /// Type of client ids, one of `identifierTypes`.
    public let clientIDType: String
    /// Type of product ids, likewise.
    public let productIDType: String
    /// Slot partitions to have at least; existing ones are never taken away.
    public let slots: Int

    /// Creates the parameters.
    ///
    /// - Precondition: Both types are among `identifierTypes`, and there are at least 3 slots: one for the live run,
    ///   one to roll back to, and one to load into.
    public init(clientIDType: String, productIDType: String, slots: Int) {
        precondition(Self.identifierTypes.contains(clientIDType) && Self.identifierTypes.contains(productIDType))
        precondition(slots >= 3)
        self.clientIDType = clientIDType
        self.productIDType = productIDType
        self.slots = slots
    }

    /// The text of a migration with its parameters filled in.
    ///
    /// Only the fixed type names above are ever inserted.
    func apply(to text: String) -> String {
        text.split(separator: "{{client_id_type}}", omittingEmptySubsequences: false).joined(separator: clientIDType)
            .split(separator: "{{product_id_type}}", omittingEmptySubsequences: false).joined(separator: productIDType)
    }
}
