/// Who the clients are and what the products are called, in dense indexes: both in ascending order of their ids.
public struct Roster: Sendable {
    /// Client ids by index.
    public let clients: IdentifierTable
    /// Names of managers; `managerOfClient` points here.
    public let managers: [String]
    /// Index into `managers` by client, -1 for none.
    public let managerOfClient: [Int32]
    /// Names of segments, ascending by bytes; `segmentOfClient` points here.
    public let segments: [String]
    /// Index into `segments` by client, -1 where it is not known.
    public let segmentOfClient: [Int32]
    /// Product ids by index.
    public let products: IdentifierTable
    /// Names by product; nil where none is known.
    public let productNames: [String?]

    /// Creates a roster from its parts.
    ///
    /// - Precondition: Managers and segments have a place for every client, names one for every product.
    public init(
        clients: IdentifierTable, managers: [String], managerOfClient: [Int32], segments: [String],
        segmentOfClient: [Int32], products: IdentifierTable, productNames: [String?]
    ) {
        precondition(managerOfClient.count == clients.count && segmentOfClient.count == clients.count)
        precondition(productNames.count == products.count)
        self.clients = clients
        self.managers = managers
        self.managerOfClient = managerOfClient
        self.segments = segments
        self.segmentOfClient = segmentOfClient
        self.products = products
        self.productNames = productNames
    }

    /// Name of the manager of a client, if one is known.
    public func manager(ofClient client: Int) -> String? {
        let index = managerOfClient[client]
        return index < 0 ? nil : managers[Int(index)]
    }

    /// Name of the segment that a client is in, if it is known.
    public func segment(ofClient client: Int) -> String? {
        let index = segmentOfClient[client]
        return index < 0 ? nil : segments[Int(index)]
    }
}
