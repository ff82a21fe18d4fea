import Holdings

/// What must not be offered, whatever the peers hold: held products apart, which are never offered.
///
/// Policy decides on offers only. Excluded clients still are peers of others, and unavailable products still count as
/// holdings.
public struct Policy: Sendable {
    /// Something that must not be offered.
    public struct Exclusion: Sendable, Hashable {
        /// The client, or nothing for all clients.
        public var client: Int32?
        /// The product, or nothing for all products.
        public var product: Int32?

        /// Creates an exclusion; without a client and a product, it excludes everything.
        public init(client: Int32?, product: Int32?) {
            self.client = client
            self.product = product
        }
    }

    /// Which products suit which clients; nothing when all do.
    public let suitability: Suitability?

    private var isOfferedProduct: [Bool]
    private var isExcludedClient: [Bool]
    /// The excluded products of each client, ascending; no lists without any.
    private var excludedProducts = GroupedLists<Int32>()

    /// Creates a policy.
    ///
    /// - Parameters:
    ///   - clientCount: Clients that exist.
    ///   - productCount: Products that exist.
    ///   - unavailableProducts: Products that nobody is offered.
    ///   - exclusions: Further exclusions, in any order, repeated or not.
    ///   - suitability: Which products suit which clients; nothing when all do.
    /// - Precondition: Clients and products are below their counts, and the suitability is about the same.
    public init(
        clientCount: Int, productCount: Int, unavailableProducts: [Int32] = [], exclusions: [Exclusion] = [],
        suitability: Suitability? = nil
    ) {
        precondition(
            suitability.map { $0.clientCount == clientCount && $0.productCount == productCount } ?? true,
            "the suitability is about other clients or products")
        self.suitability = suitability
        isOfferedProduct = [Bool](repeating: true, count: productCount)
        isExcludedClient = [Bool](repeating: false, count: clientCount)
        for product in unavailableProducts { isOfferedProduct[Int(product)] = false }
        var pairs: [ClientProduct] = []
        for exclusion in exclusions {
            switch (exclusion.client, exclusion.product) {
            case (let client?, let product?): pairs.append(.init(client: client, product: product))
            case (let client?, nil): isExcludedClient[Int(client)] = true
            case (nil, let product?): isOfferedProduct[Int(product)] = false
            case (nil, nil): isExcludedClient = [Bool](repeating: true, count: clientCount)
            }
        }
        guard !pairs.isEmpty else { return }
        precondition(pairs.allSatisfy { $0.product < productCount }, "a product is out of range")
        excludedProducts = GroupedLists(pairs, clientCount: clientCount)
    }

    /// Clients that exist.
    public var clientCount: Int { isExcludedClient.count }

    /// Products that exist.
    public var productCount: Int { isOfferedProduct.count }

    /// Whether a product is offered to anybody.
    public func isOffered(product: Int32) -> Bool {
        isOfferedProduct[Int(product)]
    }

    /// Whether a client is offered nothing at all.
    public func isExcluded(client: Int) -> Bool {
        isExcludedClient[client]
    }

    /// The products that a client must not be offered although others may: ascending, possibly repeated.
    public func excludedProducts(ofClient client: Int) -> ArraySlice<Int32> {
        excludedProducts.count == 0 ? [] : excludedProducts[client]
    }

    /// The class of a client whose suitable products are those of all in the class; 0 when all products suit everybody.
    public func suitabilityClass(ofClient client: Int) -> Int32 {
        suitability?.suitabilityClass(ofClient: client) ?? 0
    }

    /// Whether a product may be offered to the clients of a class, exclusions of their own apart.
    public func isOffered(product: Int32, suitabilityClass: Int32) -> Bool {
        isOfferedProduct[Int(product)]
            && (suitability?.suits(product: product, suitabilityClass: suitabilityClass) ?? true)
    }

    /// Whether nobody may be offered anything, whatever the exclusions of single pairs say.
    ///
    /// - Complexity: O(clients + classes · products), where classes are at most twice the different risks and two more.
    public var leavesNothing: Bool {
        var classes: Set<Int32> = []
        for client in 0..<clientCount where !isExcluded(client: client) {
            classes.insert(suitabilityClass(ofClient: client))
        }
        return classes.allSatisfy { suitabilityClass in
            !(0..<Int32(productCount)).contains { isOffered(product: $0, suitabilityClass: suitabilityClass) }
        }
    }
}
