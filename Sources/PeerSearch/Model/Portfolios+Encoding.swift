public import Holdings

extension Portfolios {
    /// The squared norms that a portfolio may have.
    ///
    /// Below, squares lose their precision to underflow; above, the squared distance of two portfolios may overflow.
    static let squaredNormRange = Double.leastNormalMagnitude...(Double.greatestFiniteMagnitude / 4)

    /// Clients or comparisons between two looks at whether the task was cancelled: a few milliseconds of work.
    private static let cancellationInterval = 1 << 15

    /// Encodes the holdings of every client and finds the distinct portfolios.
    ///
    /// - Parameters:
    ///   - holdings: The held pairs of all clients; may be empty.
    ///   - encoding: How amounts become values. A client's sum, for `share`, is taken ascending by product.
    ///   - attributes: What else takes part in distances, in the order in which sums shall run; may be empty.
    /// - Throws: ``PortfolioError`` with the code `amountsOutOfRange` when the sum of squares of a client's values, those
    ///   of attributes included, is not within the range that distances can be computed in: amounts like 1e200, whose squares overflow, or like
    ///   1e-200, whose squares vanish, or, for `share`, amounts whose sum overflows. `CancellationError` within a
    ///   fraction of the work of a cancellation.
    /// - Precondition: Every attribute is about the clients of the holdings.
    /// - Complexity: O(pairs) to encode and to find equal portfolios, O(n log n) comparisons to order the n distinct.
    public init(encoding holdings: ClientHoldings, as encoding: Encoding, attributes: [ClientAttribute] = []) throws {
        let classes = try Classes(encoding: holdings, as: encoding, attributes: attributes)
        try Task.checkCancellation()
        self.init(holdings, classes, order: try classes.order.sorted(classes.representatives))
    }

    /// The same with some tasks at once.
    ///
    /// - Parameters:
    ///   - holdings: The held pairs of all clients; may be empty.
    ///   - encoding: How amounts become values.
    ///   - attributes: What else takes part in distances.
    ///   - width: Tasks that compute at once, at least 1. Affects speed only, never the result.
    /// - Throws: As ``init(encoding:as:attributes:)``.
    public init(
        encoding holdings: ClientHoldings, as encoding: Encoding, attributes: [ClientAttribute] = [], width: Int
    ) async throws {
        let classes = try Classes(encoding: holdings, as: encoding, attributes: attributes)
        try Task.checkCancellation()
        self.init(holdings, classes, order: try await classes.order.sorted(classes.representatives, width: width))
    }

    /// The clients by their encoded vectors.
    private struct Classes {
        let values: [Double]
        let attributes: AttributeVectors?
        /// A class is known by its first client until the content decides on the order.
        let representatives: [Int32]
        let classOfClient: [Int32]
        /// The order of the classes by content.
        let order: ContentOrder

        init(encoding holdings: ClientHoldings, as encoding: Encoding, attributes: [ClientAttribute]) throws {
            let attributes =
                attributes.isEmpty ? nil : AttributeVectors(attributes, clientCount: holdings.clientCount)
            values = try Portfolios.encodedValues(of: holdings, as: encoding, attributes: attributes)
            try Task.checkCancellation()
            (representatives, classOfClient) = try Portfolios.equalClients(
                holdings: holdings, values: values, attributes: attributes)
            self.attributes = attributes
            order = ContentOrder(holdings, values: values, attributes: attributes)
        }
    }

    /// Lays out the classes in their order.
    private init(_ holdings: ClientHoldings, _ classes: Classes, order: [Int32]) {
        let values = classes.values
        var portfolioOfClass = [Int32](repeating: 0, count: order.count)
        var offsets = [0]
        offsets.reserveCapacity(order.count + 1)
        var products: [Int32] = []
        var encoded: [Double] = []
        let pairCount = classes.representatives.reduce(0) { $0 + holdings.pairs(ofClient: Int($1)).count }
        products.reserveCapacity(pairCount)
        encoded.reserveCapacity(pairCount)
        for (portfolio, index) in order.enumerated() {
            portfolioOfClass[Int(index)] = Int32(portfolio)
            let pairs = holdings.pairs(ofClient: Int(classes.representatives[Int(index)]))
            products.append(contentsOf: holdings.products[pairs])
            encoded.append(contentsOf: values[pairs])
            offsets.append(products.count)
        }

        let portfolioOfClient = classes.classOfClient.map { $0 < 0 ? -1 : portfolioOfClass[Int($0)] }
        var clientOffsets = [Int](repeating: 0, count: order.count + 1)
        for portfolio in portfolioOfClient where portfolio >= 0 {
            clientOffsets[Int(portfolio) + 1] += 1
        }
        for portfolio in 0..<order.count {
            clientOffsets[portfolio + 1] += clientOffsets[portfolio]
        }
        var next = clientOffsets
        var clients = [Int32](repeating: 0, count: clientOffsets[order.count])
        for (client, portfolio) in portfolioOfClient.enumerated() where portfolio >= 0 {
            clients[next[Int(portfolio)]] = Int32(client)
            next[Int(portfolio)] += 1
        }
        self.init(
            productCount: holdings.productCount, offsets: offsets, products: products, values: encoded,
            attributes: classes.attributes?.rows(of: order.lazy.map { classes.representatives[Int($0)] }),
            clientOffsets: clientOffsets, clients: clients, portfolioOfClient: portfolioOfClient
        )
    }

    /// The encoded value of every pair.
    private static func encodedValues(
        of holdings: ClientHoldings, as encoding: Encoding, attributes: AttributeVectors?
    ) throws(PortfolioError) -> [Double] {
        let ones = encoding == .binary ? [Double](repeating: 1, count: holdings.pairCount) : nil
        if let ones, attributes == nil { return ones }
        var values = ones ?? holdings.amounts
        var clientsOutOfRange = 0
        var examples: [Int32] = []
        for client in 0..<holdings.clientCount {
            let pairs = holdings.pairs(ofClient: client)
            if encoding == .share {
                let sum = values[pairs].reduce(0, +)
                for pair in pairs { values[pair] /= sum }
            } else if encoding == .log {
                for pair in pairs { values[pair] = ReproducibleMath.log1p(values[pair]) }
            }
            var squaredNorm = values[pairs].reduce(0) { $0 + $1 * $1 }
            if let attributes {
                squaredNorm = attributes.values[attributes.row(client)].reduce(squaredNorm) { $0 + $1 * $1 }
            }
            if !pairs.isEmpty && !squaredNormRange.contains(squaredNorm) {
                clientsOutOfRange += 1
                if examples.count < PortfolioError.exampleLimit { examples.append(Int32(client)) }
            }
        }
        guard clientsOutOfRange == 0 else {
            throw .amountsOutOfRange(
                encoding: encoding, haveAttributes: attributes != nil, clientCount: clientsOutOfRange,
                exampleClients: examples)
        }
        return values
    }

    /// Groups the clients with a portfolio into classes of equal vectors, by an open hash table of classes.
    ///
    /// - Returns: The first client of each class, and the class of each client, -1 for a client without a portfolio.
    private static func equalClients(
        holdings: ClientHoldings, values: [Double], attributes: AttributeVectors?
    ) throws -> (representatives: [Int32], classOfClient: [Int32]) {
        var representatives: [Int32] = []
        var hashes: [UInt64] = []
        var classOfClient = [Int32](repeating: -1, count: holdings.clientCount)
        // Twice the clients, as a power of two, keeps probing short.
        var slotCount = 2
        while slotCount < 2 * holdings.clientCount { slotCount *= 2 }
        var slots = [Int32](repeating: -1, count: slotCount)
        for client in 0..<holdings.clientCount {
            let pairs = holdings.pairs(ofClient: client)
            if client.isMultiple(of: Self.cancellationInterval) { try Task.checkCancellation() }
            if pairs.isEmpty { continue }
            var hash = hashValue(of: pairs, columns: holdings.products, values: values)
            if let attributes {
                let row = attributes.row(client)
                hash = hashValue(of: row, columns: attributes.columns, values: attributes.values, after: hash)
            }
            var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
            while slots[slot] >= 0 {
                let candidate = Int(slots[slot])
                if hashes[candidate] == hash {
                    let other = Int(representatives[candidate])
                    let isEqual = areEqual(
                        pairs, holdings.pairs(ofClient: other), products: holdings.products, values: values)
                    if isEqual && attributes?.areEqual(client, other) ?? true { break }
                }
                slot = (slot + 1) & (slotCount - 1)
            }
            if slots[slot] < 0 {
                slots[slot] = Int32(representatives.count)
                representatives.append(Int32(client))
                hashes.append(hash)
            }
            classOfClient[client] = slots[slot]
        }
        return (representatives, classOfClient)
    }

    /// A well mixed hash of a part of a vector; a collision costs time, never a wrong class.
    private static func hashValue(
        of pairs: Range<Int>, columns: [Int32], values: [Double], after before: UInt64 = 0
    ) -> UInt64 {
        // The odd constant is 2^64 divided by the golden ratio: Fibonacci hashing, after Knuth, TAOCP 3, 6.4.
        let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
        var hash = before ^ UInt64(pairs.count)
        for pair in pairs {
            hash = (hash ^ UInt64(UInt32(bitPattern: columns[pair]))) &* multiplier
            hash = (hash ^ (hash >> 32) ^ values[pair].bitPattern) &* multiplier
            hash ^= hash >> 29
        }
        return hash
    }

    private static func areEqual(_ left: Range<Int>, _ right: Range<Int>, products: [Int32], values: [Double]) -> Bool {
        guard left.count == right.count else { return false }
        for (first, second) in zip(left, right)
        where products[first] != products[second] || values[first] != values[second] {
            return false
        }
        return true
    }
}
