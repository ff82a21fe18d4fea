import TestSupport
import Testing

@testable import Holdings
@testable import PeerSearch

/// Every layout and every kernel find exactly the peers that measuring every pair finds.
@Suite("Exactness of the search")
struct ExactnessTests {
    /// What a search found, in a form that does not depend on the order inside a level.
    private struct Found: Hashable {
        var scaledDistance: Double
        var places: Int
        var peers: Set<PeerList.Peer>
    }

    @Test(arguments: 0..<200)
    func everySearchFindsWhatMeasuringFinds(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let market = RandomMarket(using: &random)
        try compare(market.holdings, Self.model(using: &random), attributes: [], random: &random)
    }

    @Test(arguments: 0..<500)
    func soItDoesWithAttributes(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let market = RandomMarket(using: &random)
        let model = Self.model(using: &random)
        let attributes = RandomAttributes.attributes(clientCount: market.holdings.clientCount, using: &random)
        try compare(market.holdings, model, attributes: attributes, random: &random)
    }

    /// More portfolios than a block of lists holds, and than one level of bounds stands for.
    @Test(arguments: DistanceMetric.allCases, [0, 1, 2])
    func soItDoesWithAttributesOfThousands(distance: DistanceMetric, minOverlap: Int) throws {
        var random = SeededGenerator(seed: UInt64(minOverlap))
        let clients = (0..<6_000).map { _ in
            (0..<Int32(33)).filter { _ in Int.random(in: 0..<8, using: &random) == 0 }
                .map { ($0, Double.random(in: 1..<1000, using: &random)) }
        }
        let count = clients.count
        let attributes = [
            ClientAttribute(
                name: "kind", weight: 0.3,
                values: .categories((0..<count).map { _ in Int32.random(in: -1..<40, using: &random) })),
            ClientAttribute(
                name: "age", weight: 0.5,
                values: .numbers((0..<count).map { _ in Double.random(in: 18..<99, using: &random).rounded() })),
        ]
        let model = PeerModel(encoding: .share, distance: distance, k: 50, minOverlap: minOverlap)
        let holdings = PortfoliosTests.holdings(clients, productCount: 33)
        try compare(holdings, model, attributes: attributes, queryCount: 12, random: &random)
    }

    /// Attributes of which nothing is known change nothing.
    @Test(arguments: Encoding.allCases)
    func unknownAttributesAreNone(encoding: Encoding) throws {
        var random = SeededGenerator(seed: 3)
        let market = RandomMarket(using: &random)
        let count = market.holdings.clientCount
        let unknown = [
            ClientAttribute(name: "a", weight: 1, values: .categories([Int32](repeating: -1, count: count))),
            ClientAttribute(name: "b", weight: 1, values: .numbers([Double](repeating: .nan, count: count))),
        ]
        let plain = try Portfolios(encoding: market.holdings, as: encoding)
        let portfolios = try Portfolios(encoding: market.holdings, as: encoding, attributes: unknown)
        #expect(portfolios.vectors.columns == plain.vectors.columns)
        #expect(portfolios.vectors.values == plain.vectors.values)
        for client in 0..<count {
            #expect(portfolios.portfolio(ofClient: client) == plain.portfolio(ofClient: client))
        }
    }

    /// Where only some clients count, portfolios without one are met by nobody, and ask all the same.
    @Test(arguments: 0..<200)
    func whoDoesNotCountIsNotMet(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(10_000 + seed))
        let market = RandomMarket(using: &random)
        let share: Double = [0, 0.1, 0.5, 0.9].randomElement(using: &random) ?? 0
        let isCounted = (0..<market.holdings.clientCount).map { _ in Double.random(in: 0..<1, using: &random) < share }
        try compare(
            market.holdings, Self.model(using: &random), attributes: [], random: &random,
            isCounted: { isCounted[Int($0)] })
    }

    private static func model(using random: inout SeededGenerator) -> PeerModel {
        PeerModel(
            encoding: Encoding.allCases.randomElement(using: &random) ?? .binary,
            distance: DistanceMetric.allCases.randomElement(using: &random) ?? .cosine,
            decimals: [0, 2, 4, 4, 4, 9, 15].randomElement(using: &random) ?? 4,
            k: [1, 2, 5, 20, 200].randomElement(using: &random) ?? 1,
            isInformative: Int.random(in: 0..<4, using: &random) > 0,
            minOverlap: [0, 1, 1, 1, 2, 3].randomElement(using: &random) ?? 1)
    }

    /// Compares the peers of all portfolios, or of some.
    private func compare(
        _ holdings: ClientHoldings, _ model: PeerModel, attributes: [ClientAttribute], queryCount: Int = .max,
        random: inout SeededGenerator, isCounted: ((Int32) -> Bool)? = nil
    ) throws {
        let all = try Portfolios(encoding: holdings, as: model.encoding, attributes: attributes)
        let portfolios = isCounted.map { all.counting($0) } ?? all
        if let isCounted {
            #expect(portfolios.count == all.count && portfolios.clientCount == all.clientCount)
            for portfolio in 0..<all.count {
                #expect(Array(portfolios.clients(of: portfolio)) == all.clients(of: portfolio).filter(isCounted))
            }
        }
        let columns = RandomAttributes.columns(attributes, clientCount: holdings.clientCount)
        let vectors = (0..<portfolios.count).map { Self.vector($0, portfolios, columns) }
        #expect(Set(vectors).count == vectors.count)
        let queries = vectors.indices.shuffled(using: &random).prefix(queryCount)
        var expected: [Int: [Found]] = [:]
        for query in queries { expected[query] = Self.measureEverybody(query: query, vectors, portfolios, model) }
        let allowsBits = model.encoding == .binary && !portfolios.haveAttributes
        for layout in LayoutChoice.allCases where layout != .bits || allowsBits {
            for kernel in SearchKernel.supported {
                let index = try PeerIndex(portfolios: portfolios, model: model, kernel: kernel, layout: layout)
                var finder = PeerFinder(index: index)
                var wrong: [Int] = []
                // In search order, as a run does it, and a few in any order.
                let others = (0..<20).compactMap { _ in queries.randomElement(using: &random) }
                for query in index.order.map({ Int($0) }).filter({ expected[$0] != nil }) + others {
                    let list = try finder.peers(of: query)
                    let found = list.levels.map { level in
                        Found(
                            scaledDistance: list.peers[level.range.lowerBound].scaledDistance, places: level.places,
                            peers: Set(list.peers[level.range]))
                    }
                    if found != expected[query] { wrong.append(query) }
                }
                #expect(
                    wrong.isEmpty,
                    "\(layout), \(kernel.name), \(model), \(portfolios.count) portfolios, \(attributes.map(\.weight))")
            }
        }
    }

    /// The definition, pair by pair.
    private static func measureEverybody(
        query: Int, _ vectors: [[Double]], _ portfolios: Portfolios, _ model: PeerModel
    ) -> [Found] {
        let own = vectors[query]
        var peers: [PeerList.Peer] = []
        for other in 0..<portfolios.count {
            let theirs = vectors[other]
            var (shared, size) = (0, 0)
            for (x, y) in zip(own, theirs).prefix(portfolios.productCount) where y > 0 {
                size += 1
                shared += x > 0 ? 1 : 0
            }
            let clients = portfolios.multiplicity(of: other) - (other == query ? 1 : 0)
            guard clients > 0, shared >= model.minOverlap, !model.isInformative || shared < size else { continue }
            let distance = scaledDistance(own, theirs, model)
            peers.append(PeerList.Peer(portfolio: Int32(other), clients: Int32(clients), scaledDistance: distance))
        }
        var placesLeft = model.k
        var found: [Found] = []
        for (distance, peers) in Dictionary(grouping: peers, by: \.scaledDistance).sorted(by: { $0.key < $1.key }) {
            guard placesLeft > 0 else { break }
            let places = min(placesLeft, peers.reduce(0) { $0 + Int($1.clients) })
            found.append(Found(scaledDistance: distance, places: places, peers: Set(peers)))
            placesLeft -= places
        }
        return found
    }

    /// Products, then attributes; all clients of a portfolio have the same.
    private static func vector(_ portfolio: Int, _ portfolios: Portfolios, _ attributes: [[Double]]) -> [Double] {
        var vector = [Double](repeating: 0, count: portfolios.productCount)
        for column in portfolios.columns(of: portfolio) {
            vector[Int(portfolios.products[column])] = portfolios.values[column]
        }
        let columns = portfolios.clients(of: portfolio).map { attributes[Int($0)] }
        #expect(Set(columns).count <= 1)
        return vector + (columns.first ?? [])
    }

    /// The formulas of ``PortfolioDistance``, over all products and attributes.
    private static func scaledDistance(_ x: [Double], _ y: [Double], _ model: PeerModel) -> Double {
        var (overlap, left, right, differences, squares) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for (x, y) in zip(x, y) {
            overlap += x * y
            left += x * x
            right += y * y
            differences += abs(x - y)
            squares += (x - y) * (x - y)
        }
        let norm = (left * right).isNormal ? (left * right).squareRoot() : left.squareRoot() * right.squareRoot()
        let distance =
            switch model.distance {
            case .cosine: 1 - overlap / norm
            case .manhattan: differences
            case .euclidean: squares.squareRoot()
            }
        var scale = 1.0
        for _ in 0..<model.decimals { scale *= 10 }
        return (max(0, distance) * scale).rounded(.toNearestOrEven)
    }
}

/// Holdings of a random shape: few or many clients and products, sparse or dense, with many ties or none, in amounts of
/// one size or of many.
struct RandomMarket {
    let holdings: ClientHoldings

    init(using random: inout SeededGenerator) {
        let clientCount = [1, 2, 15, 16, 17, 60, 150, 300].randomElement(using: &random) ?? 1
        let productCount = [1, 2, 5, 31, 32, 33, 70].randomElement(using: &random) ?? 1
        let density: Double = [0.03, 0.1, 0.3, 0.9, 1].randomElement(using: &random) ?? 1
        let style = Int.random(in: 0..<5, using: &random)
        let clients = (0..<clientCount).map { _ in
            (0..<Int32(productCount)).compactMap { product -> (Int32, Double)? in
                guard Double.random(in: 0..<1, using: &random) < density else { return nil }
                switch style {
                case 0: return (product, Double(Int.random(in: 1...3, using: &random)))
                case 1: return (product, Double.random(in: 0.5..<2, using: &random))
                case 2: return (product, 1 + Double(Int.random(in: 0..<4, using: &random)) * 0x1p-23)
                case 3: return (product, [1e-30, 1e-6, 1, 1e6, 1e30].randomElement(using: &random) ?? 1)
                default: return (product, Double.random(in: 0..<10, using: &random).rounded(.up))
                }
            }
        }
        holdings = PortfoliosTests.holdings(clients, productCount: productCount)
    }
}
