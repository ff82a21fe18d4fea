/// Which products suit which clients: by risk, and by what only qualified clients may be offered.
///
/// A product suits a client when its risk is at most the client's, and when it does not require a qualified client or
/// the client is qualified. What is unknown blocks: nothing suits a client of unknown risk, a product of unknown risk
/// suits nobody, an unknown qualification is none, and an unknown requirement is one.
///
/// Clients whom the same products suit are of one *class*, so that they can share what is chosen for them. A class is a
/// number that is compared with the product's, which costs no memory for each pair.
public struct Suitability: Sendable {
    /// What clients have and products ask for, by index; nothing where it is unknown.
    public struct Requirement<Value: Sendable>: Sendable {
        /// By client.
        public var clients: [Value?]
        /// By product.
        public var products: [Value?]

        /// Creates a requirement.
        public init(clients: [Value?], products: [Value?]) {
            self.clients = clients
            self.products = products
        }
    }

    /// Twice the number of different risks of products that a client may take, plus 1 for a qualified client.
    private let classOfClient: [Int32]
    /// How many of the different risks, ascending, a client must be able to take: 1 for the lowest.
    private let leastLevel: [Int32]
    private let isForQualified: [Bool]

    /// Creates a suitability.
    ///
    /// - Parameters:
    ///   - risk: The risk that a client may take at most, and that of a product, on one scale; not NaN. Nothing when risk
    ///     does not matter.
    ///   - qualification: Whether a client is qualified, and whether a product requires it. Nothing when it does not
    ///     matter.
    ///   - clientCount: Clients that exist.
    ///   - productCount: Products that exist.
    /// - Precondition: The requirements have a place for every client and every product.
    /// - Complexity: O(clients · log products + products · log products).
    public init(
        risk: Requirement<Double>?, qualification: Requirement<Bool>?, clientCount: Int, productCount: Int
    ) {
        var classes = [Int32](repeating: 0, count: clientCount)
        leastLevel = risk.map { Self.levels(of: $0.products) } ?? [Int32](repeating: 0, count: productCount)
        isForQualified =
            qualification.map { $0.products.map { $0 ?? true } } ?? [Bool](repeating: false, count: productCount)
        if let risk {
            let risks = Self.distinct(risk.products)
            for (client, most) in risk.clients.enumerated() {
                classes[client] = most.map { 2 * Self.count(of: risks, upTo: $0) } ?? 0
            }
        }
        if let qualification {
            for (client, isQualified) in qualification.clients.enumerated() where isQualified == true {
                classes[client] += 1
            }
        }
        precondition(classes.count == clientCount, "the requirements are about other clients")
        precondition(
            leastLevel.count == productCount && isForQualified.count == productCount,
            "the requirements are about other products")
        classOfClient = classes
    }

    /// Clients that exist.
    public var clientCount: Int { classOfClient.count }

    /// Products that exist.
    public var productCount: Int { leastLevel.count }

    /// The class of a client; not negative.
    public func suitabilityClass(ofClient client: Int) -> Int32 {
        classOfClient[client]
    }

    /// Whether a product suits the clients of a class.
    public func suits(product: Int32, suitabilityClass: Int32) -> Bool {
        leastLevel[Int(product)] <= suitabilityClass >> 1
            && (!isForQualified[Int(product)] || suitabilityClass & 1 == 1)
    }

    // MARK: Levels

    private static func distinct(_ risks: [Double?]) -> [Double] {
        Set(risks.compactMap(\.self)).sorted()
    }

    /// The place of every risk among the different ones, from 1; no client reaches that of an unknown risk.
    private static func levels(of risks: [Double?]) -> [Int32] {
        let distinct = distinct(risks)
        return risks.map { $0.map { count(of: distinct, upTo: $0) } ?? Int32.max }
    }

    /// How many of ascending numbers are at most a limit, by bisection.
    private static func count(of ascending: [Double], upTo limit: Double) -> Int32 {
        var range = ascending.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range =
                ascending[middle] <= limit
                ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return Int32(range.lowerBound)
    }
}
