import DistanceKernels
import TestSupport
import Testing

@testable import PeerSearch

/// Float32 never discards a portfolio that Float64 would have kept, nor decides on another distance than Float64 would.
@Suite("The filter of scores")
struct ScoreFilterTests {
    private static let otherCount = 60

    /// A portfolio, as Float64 and as Float32 see it.
    private struct Pair {
        var scaledDistance: Double
        var score: Float
    }

    /// What the filter has done.
    private struct Counts {
        var discarded = 0
        var decided = 0
        var undecided = 0
    }

    /// For each of 115,200 pairs near rounding boundaries: whoever is no farther than somebody with a score is not
    /// below that score's floor, whatever kernel computed the two; and a distance that a score decides is the one that
    /// Float64 measures.
    @Test(arguments: DistanceMetric.allCases, Encoding.allCases)
    func nobodyNearerIsDiscarded(metric: DistanceMetric, encoding: Encoding) throws {
        var random = SeededGenerator(seed: 1)
        var counts = Counts()
        for decimals in [0, 4, 9, 15] {
            for amounts in BoundaryMarket.Amounts.allCases {
                for productCount in [2, 5, 17, 33, 64, 150, 300, 600] {
                    let market = BoundaryMarket(
                        amounts, otherCount: Self.otherCount, productCount: productCount, metric: metric,
                        encoding: encoding, decimals: decimals, using: &random)
                    let wrong = try wrongScores(market, decimals: decimals, counts: &counts)
                    #expect(wrong.isEmpty, "\(amounts), \(productCount) products, \(decimals) decimals: \(wrong)")
                }
            }
        }
        // The filter is of use, too.
        #expect(counts.discarded > 0)
        #expect(counts.decided > 0)
        #expect(counts.undecided > 0 || encoding == .binary)
    }

    /// The scores whose floor discards somebody who is as near as whoever has the score, or that decide wrongly.
    private func wrongScores(_ market: BoundaryMarket, decimals: Int, counts: inout Counts) throws -> [Float] {
        let portfolios = try Portfolios(encoding: market.holdings, as: market.encoding)
        let model = PeerModel(
            encoding: market.encoding, distance: market.metric, decimals: decimals, isInformative: false,
            minOverlap: 0)
        var pairs: [Pair] = []
        var wrong: [Float] = []
        var floors: [Float: Float] = [:]
        for kernel in SearchKernel.supported {
            let values = ScoreIndex.Values(portfolios.vectors, model: model)
            let index = try ScoreIndex(
                portfolios: portfolios, model: model, kernel: kernel, layout: .lanes, values: values,
                order: values.order(of: portfolios.vectors, for: .lanes))
            let query = QueryLanes(index: index)
            let portfolio = try #require(portfolios.portfolio(ofClient: BoundaryMarket.query))
            query.load(position: Int(index.positions[portfolio]))
            let distances = scaledDistances(from: portfolio, index)
            for scores in try allScores(query, index) {
                let decisions = decisions(scores, query, index)
                for (position, score) in scores.enumerated() {
                    let scaledDistance = distances[Int(index.order[position])]
                    if decisions[position] == RoundingRule.undecided {
                        counts.undecided += 1
                    } else {
                        counts.decided += 1
                        if decisions[position] != scaledDistance { wrong.append(score) }
                    }
                    pairs.append(Pair(scaledDistance: scaledDistance, score: score))
                    floors[score] = query.floor(ofScore: Double(score))
                }
            }
        }
        pairs.sort { $0.scaledDistance < $1.scaledDistance }
        counts.discarded += pairs.count { $0.score < floors[pairs[0].score] ?? -.infinity }
        var leastScore = Float.infinity
        var next = 0
        for pair in pairs {
            while next < pairs.count && pairs[next].scaledDistance <= pair.scaledDistance {
                leastScore = min(leastScore, pairs[next].score)
                next += 1
            }
            if let floor = floors[pair.score], leastScore < floor { wrong.append(pair.score) }
        }
        return wrong
    }

    /// What the scores of all portfolios, in search order, decide.
    private func decisions(_ scores: [Float], _ query: QueryLanes, _ index: ScoreIndex) -> [Double] {
        let (positions, scores) = (aligned(scores.indices.map { Int32($0) }), aligned(scores))
        let decisions = AlignedMemory<Double>(repeating: 0, count: scores.count)
        var list = LaneList(positions: positions.start, scores: scores.start)
        list.count = scores.count
        defer { withExtendedLifetime((positions, scores, index)) {} }
        let rule = index.filter.roundingRule(
            norm: query.norm, size: query.size, norms: index.ordered.norms.start)
        index.kernel.kernel.round(list, by: rule, into: decisions.start)
        return (0..<scores.count).map { decisions[$0] }
    }

    private func scaledDistances(from portfolio: Int, _ index: ScoreIndex) -> [Double] {
        let portfolios = index.portfolios
        var values = [Double](repeating: 0, count: portfolios.productCount)
        for column in portfolios.columns(of: portfolio) {
            values[Int(portfolios.products[column])] = portfolios.values[column]
        }
        let own = index.ordered[Int(index.positions[portfolio])]
        return values.withUnsafeMutableBufferPointer { values in
            guard let values = values.baseAddress else { return [] }
            return index.positions.map {
                index.distance.scaled(from: own, to: index.ordered[Int($0)], queryValues: values)
            }
        }
    }

    /// The scores of all portfolios in search order, in every way in which a search computes them.
    private func allScores(_ query: QueryLanes, _ index: ScoreIndex) throws -> [[Float]] {
        let kernel = index.kernel.kernel
        guard case .lanes(let lanes) = index.layout else { return [] }
        let groups = lanes.levels[0].groups
        let groupCount = lanes.levels[0].groupCount
        let positions = aligned((0..<Int32(groupCount)).map(\.self))
        let scores = AlignedMemory<SIMD16<Float>>(uninitializedCount: groupCount)
        let single = HitMemory(capacity: 16 * groupCount)
        kernel.score(groups, for: query.lanes, candidates: positions.start, count: groupCount, into: scores.start)
        kernel.select(
            scores.start, of: positions.start, count: groupCount, floor: -.greatestFiniteMagnitude,
            into: &single.list)

        let height = kernel.tileHeight
        let batch = BatchMemory(
            [LaneQuery](repeating: query.lanes, count: height), floors: [Float](repeating: -.infinity, count: height),
            tileHeight: height)
        let hits = (0..<height).map { _ in HitMemory(capacity: 16 * groupCount) }
        let lists = aligned(hits.map(\.list))
        defer { withExtendedLifetime((index, query, positions, scores, batch, lists)) {} }
        kernel.search(groups, for: batch.batch, candidates: positions.start, count: groupCount, into: lists.start)
        hits[0].list = lists.start[0]

        let byHand = index.order.indices.map { score(of: $0, query, index) }
        return try [self.scores(single, index), self.scores(hits[0], index), byHand]
    }

    /// The score as lists of holders add it up: product by product, every step rounded.
    private func score(of position: Int, _ query: QueryLanes, _ index: ScoreIndex) -> Float {
        let portfolio = index.ordered[position]
        return (0..<portfolio.size).reduce(portfolio.start) { score, column in
            let (left, right) = (query.value(ofColumn: portfolio.columns[column]), portfolio.laneValues[column])
            return score + (index.model.distance == .manhattan ? min(left, right) : left * right)
        }
    }

    private func scores(_ hits: HitMemory, _ index: ScoreIndex) throws -> [Float] {
        let found = try #require(hits.appended).sorted { $0.position < $1.position }
        try #require(found.map(\.position) == index.order.indices.map { Int32($0) })
        return found.map(\.score)
    }
}
