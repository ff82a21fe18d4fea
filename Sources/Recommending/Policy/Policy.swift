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
        /// Four bytes rather than eight, of which there may be millions.
        private var reasonOrNone: Int32

        /// Why, as a place among the policy's reasons; nil where none is given.
        public var reason: Int32? { reasonOrNone == ExclusionReasons.none ? nil : reasonOrNone }

        /// Creates an exclusion; without a client and a product, it excludes everything.
        public init(client: Int32?, product: Int32?, reason: Int32? = nil) {
            self.client = client
            self.product = product
            reasonOrNone = reason ?? ExclusionReasons.none
        }
    }

    /// Which products suit which clients; nothing when all do.
    public let suitability: Suitability?

    private var isOfferedProduct: [Bool]
    private var isExcludedClient: [Bool]
    /// The excluded products of each client, ascending; no lists without any.
    private var excludedProducts = GroupedLists<Int32>()
    /// The different ones of them, and which each client has; no numbers without any.
    private var exclusionLists = GroupedLists<Int32>()
    private var exclusionListOfClient: [Int32] = []
    private var reasons: ExclusionReasons

    /// Creates a policy.
    ///
    /// - Parameters:
    ///   - clientCount: Clients that exist.
    ///   - productCount: Products that exist.
    ///   - unavailableProducts: Products that nobody is offered.
    ///   - exclusions: Further exclusions, in any order, repeated or not.
    ///   - reasons: The texts that exclusions give as their reasons, ascending by bytes: of several for one client and
    ///     product the first counts.
    ///   - suitability: Which products suit which clients; nothing when all do.
    /// - Precondition: Clients and products are below their counts, and the suitability is about the same.
    public init(
        clientCount: Int, productCount: Int, unavailableProducts: [Int32] = [], exclusions: [Exclusion] = [],
        reasons: [String] = [], suitability: Suitability? = nil
    ) {
        precondition(
            suitability.map { $0.clientCount == clientCount && $0.productCount == productCount } ?? true,
            "the suitability is about other clients or products")
        self.suitability = suitability
        isOfferedProduct = [Bool](repeating: true, count: productCount)
        isExcludedClient = [Bool](repeating: false, count: clientCount)
        for product in unavailableProducts { isOfferedProduct[Int(product)] = false }
        self.reasons = ExclusionReasons(texts: reasons, clientCount: clientCount)
        var pairs: [(pair: ClientProduct, reason: Int32)] = []
        for exclusion in exclusions {
            let reason = exclusion.reason ?? ExclusionReasons.none
            switch (exclusion.client, exclusion.product) {
            case (let client?, let product?): pairs.append((.init(client: client, product: product), reason))
            case (let client?, nil):
                isExcludedClient[Int(client)] = true
                self.reasons.add(reason, client: client)
            case (nil, let product?):
                isOfferedProduct[Int(product)] = false
                self.reasons.add(reason, product: product)
            case (nil, nil):
                isExcludedClient = [Bool](repeating: true, count: clientCount)
                self.reasons.ofEverything = min(self.reasons.ofEverything, reason)
            }
        }
        guard !pairs.isEmpty else { return }
        precondition(pairs.allSatisfy { $0.pair.product < productCount }, "a product is out of range")
        pairs.sort { ($0.pair, $0.reason) < ($1.pair, $1.reason) }
        excludedProducts = GroupedLists(
            pairs.map { (list: $0.pair.client, element: $0.pair.product) }, count: clientCount)
        (exclusionListOfClient, exclusionLists) = excludedProducts.distinct()
        self.reasons.ofPairs = reasons.isEmpty ? [] : pairs.map(\.reason)
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

    /// The number of the products that a client must not be offered although others may: equal lists have one number, and
    /// 0 is none.
    func exclusionList(ofClient client: Int) -> Int32 {
        exclusionListOfClient.isEmpty ? 0 : exclusionListOfClient[client]
    }

    /// The products of an exclusion list.
    func products(ofExclusionList list: Int32) -> ArraySlice<Int32> {
        list == 0 ? [] : exclusionLists[Int(list)]
    }

    /// What exclusions keep from a client, and the first reason by bytes for each; nil where none is given.
    ///
    /// - Returns: First what concerns all products, without a product, then product by product, each once.
    /// - Complexity: O(products).
    public func exclusions(ofClient client: Int) -> [(product: Int32?, reason: String?)] {
        var reasonOfProduct = reasons.excludedProducts
        let products = excludedProducts(ofClient: client)
        for (pair, product) in zip(products.indices, products) {
            let reason = reasons.ofPairs.isEmpty ? ExclusionReasons.none : reasons.ofPairs[pair]
            reasonOfProduct[product] = min(reasonOfProduct[product] ?? ExclusionReasons.none, reason)
        }
        let all = isExcludedClient[client] ? [(product: Int32?.none, reason: reasons.text(ofClient: client))] : []
        return all + reasonOfProduct.sorted { $0.key < $1.key }.map { ($0.key, reasons.text($0.value)) }
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
