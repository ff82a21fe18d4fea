import TestSupport
import Testing

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
        let model = Self.model(using: &random)
        let portfolios = try Portfolios(encoding: market.holdings, as: model.encoding)
        try compareAllLayouts(portfolios, model, using: &random)
    }

    /// Where only some clients count, portfolios without one are met by nobody, and ask all the same.
    @Test(arguments: 0..<200)
    func whoDoesNotCountIsNotMet(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(10_000 + seed))
        let market = RandomMarket(using: &random)
        let model = Self.model(using: &random)
        let share: Double = [0, 0.1, 0.5, 0.9].randomElement(using: &random) ?? 0
        let isCounted = (0..<market.holdings.clientCount).map { _ in Double.random(in: 0..<1, using: &random) < share }
        let all = try Portfolios(encoding: market.holdings, as: model.encoding)
        let portfolios = all.counting { isCounted[Int($0)] }
        #expect(portfolios.count == all.count && portfolios.clientCount == all.clientCount)
        for portfolio in 0..<all.count {
            let counted = all.clients(of: portfolio).filter { isCounted[Int($0)] }
            #expect(Array(portfolios.clients(of: portfolio)) == counted)
            #expect(portfolios.multiplicity(of: portfolio) == counted.count)
        }
        try compareAllLayouts(portfolios, model, using: &random)
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

    private func compareAllLayouts(
        _ portfolios: Portfolios, _ model: PeerModel, using random: inout SeededGenerator
    ) throws {
        let vectors = (0..<portfolios.count).map { Self.vector($0, portfolios) }
        let expected = vectors.indices.map { Self.measureEverybody(query: $0, vectors, portfolios, model) }
        for layout in LayoutChoice.allCases where layout != .bits || model.encoding == .binary {
            for kernel in SearchKernel.supported {
                let index = try PeerIndex(portfolios: portfolios, model: model, kernel: kernel, layout: layout)
                var finder = PeerFinder(index: index)
                var wrong: [Int] = []
                // In search order, as a run does it, and a few in any order.
                let others = (0..<20).compactMap { _ in index.order.randomElement(using: &random) }
                for query in (index.order + others).map({ Int($0) }) {
                    let list = try finder.peers(of: query)
                    let found = list.levels.map { level in
                        Found(
                            scaledDistance: list.peers[level.range.lowerBound].scaledDistance, places: level.places,
                            peers: Set(list.peers[level.range]))
                    }
                    if found != expected[query] { wrong.append(query) }
                }
                #expect(wrong.isEmpty, "\(layout), \(kernel.name), \(model), \(portfolios.count) portfolios")
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
            for (x, y) in zip(own, theirs) where y > 0 {
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

    private static func vector(_ portfolio: Int, _ portfolios: Portfolios) -> [Double] {
        var vector = [Double](repeating: 0, count: portfolios.productCount)
        for column in portfolios.columns(of: portfolio) {
            vector[Int(portfolios.products[column])] = portfolios.values[column]
        }
        return vector
    }

    /// The formulas of ``PortfolioDistance``, over all products.
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
    let holdings: Holdings

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
