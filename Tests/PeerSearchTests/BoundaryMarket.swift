import Foundation
import TestSupport

@testable import Holdings
@testable import PeerSearch

/// A client, and others whose distances from it lie where rounding changes, as near as Float64 can tell.
///
/// The scaled distance of most is T, or one more or less, with the same T for all: one third is just inside or just
/// outside of T + 1/2, one third of T - 1/2, and one third is in the middle.
struct BoundaryMarket {
    /// What amounts are like: what makes Float32 err.
    enum Amounts: CaseIterable {
        /// All of one size.
        case even
        /// Just beside the middle between two Float32 numbers: all are rounded in the same direction.
        case halfway
        /// One that outweighs all others, each of which is about as much as the sum is rounded by.
        case dust
        /// Of every magnitude.
        case wild
        /// So small, relative to those of another client, that Float32 has few digits left for them.
        case tiny
    }

    /// The client whose peers are looked for.
    static let query = 0

    private(set) var holdings: ClientHoldings
    let encoding: Encoding
    let metric: DistanceMetric

    private let amounts: Amounts
    private let productCount: Int
    /// How far from a middle, or from half a step of the sum, and in which direction.
    private let tilt: Double
    private let dust: Double

    /// Invents a market.
    ///
    /// - Parameters:
    ///   - amounts: What amounts are like.
    ///   - otherCount: Clients besides the query.
    ///   - productCount: Products, nearly all of which nearly everybody holds.
    init(
        _ amounts: Amounts, otherCount: Int, productCount: Int, metric: DistanceMetric, encoding: Encoding,
        decimals: Int, using random: inout SeededGenerator
    ) {
        self.amounts = amounts
        self.productCount = productCount
        self.metric = metric
        self.encoding = encoding
        tilt = Double.random(in: 0.001..<0.1, using: &random) * (Bool.random(using: &random) ? 1 : -1)
        let step = Double(sign: .plus, exponent: -Int.random(in: 23...27, using: &random), significand: 1 + tilt)
        dust = metric == .manhattan ? step : step.squareRoot()
        holdings = ClientHoldings(productCount: 0, offsets: [0], products: [], amounts: [])

        let query = (0..<(productCount - 1)).map { amount(ofProduct: $0, using: &random) } + [0]
        var others = (0..<otherCount).map { _ in similar(to: query, using: &random) }
        if encoding != .binary { tune(&others, to: query, decimals: decimals, using: &random) }
        if amounts == .tiny && encoding == .amount && metric != .cosine {
            let giant = metric == .manhattan ? Double.random(in: 0x1p132...0x1p142, using: &random) : 0x1p70
            others.append([giant] + [Double](repeating: 0, count: productCount - 1))
        }
        holdings = PortfoliosTests.holdings(
            ([query] + others).map { client in
                client.indices.filter { client[$0] > 0 }.map { (Int32($0), client[$0]) }
            }, productCount: productCount)
    }

    private func amount(ofProduct product: Int, using random: inout SeededGenerator) -> Double {
        switch amounts {
        case .even, .tiny:
            return .random(in: 0.5..<2, using: &random)
        case .halfway:
            let value = Float.random(in: 1..<1.25, using: &random)
            return Double(value) + (0.5 + tilt) * Double(value.ulp)
        case .dust:
            return product == 0 ? 1 : dust * Double.random(in: 1...(1 + abs(tilt) / 2), using: &random)
        case .wild:
            return pow(10, Double.random(in: -20..<20, using: &random))
        }
    }

    /// Amounts that are partly the same, partly others, partly none; nothing of the last product.
    private func similar(to query: [Double], using random: inout SeededGenerator) -> [Double] {
        let change: Double = [0.01, 0.1, 0.5].randomElement(using: &random) ?? 0
        return query.indices.map { product in
            guard product > 0, Double.random(in: 0..<1, using: &random) < change else { return query[product] }
            guard product < productCount - 1, Bool.random(using: &random) else { return 0 }
            return amount(ofProduct: product, using: &random)
        }
    }

    /// Gives each an amount of the last product that brings its distance to where it shall be.
    private func tune(
        _ others: inout [[Double]], to query: [Double], decimals: Int, using random: inout SeededGenerator
    ) {
        let scale = PortfolioDistance(metric: .cosine, decimals: decimals).scale
        let own = encoded(query)
        let last = productCount - 1
        func distance(_ other: [Double], _ amount: Double) -> Double {
            var other = other
            other[last] = amount
            return self.distance(own, encoded(other)) * scale
        }
        let (least, most) = (query[0] * 1e-12, query[0] * (metric == .cosine ? 1e12 : 8))
        let nearest = others.map { distance($0, least) }.max() ?? 0
        let farthest = others.map { distance($0, most) }.min() ?? 0
        let share = pow(Double.random(in: 0..<1, using: &random), 3)
        let target = (nearest + max(0, farthest - nearest) * share).rounded()
        let edges = [target - 0.5, target, target + 0.5]
        for other in others.indices {
            let edge = edges.randomElement(using: &random) ?? target
            var (lower, upper) = (least.bitPattern, most.bitPattern)
            // Neighboring amounts in the end, between which the distance crosses the edge.
            while upper - lower > 1 {
                let middle = lower + (upper - lower) / 2
                if distance(others[other], Double(bitPattern: middle)) < edge { lower = middle } else { upper = middle }
            }
            others[other][last] = Double(bitPattern: Bool.random(using: &random) ? lower : upper)
        }
    }

    private func encoded(_ amounts: [Double]) -> [Double] {
        switch encoding {
        case .binary: return amounts.map { $0 > 0 ? 1 : 0 }
        case .amount: return amounts
        case .log: return amounts.map { ReproducibleMath.log1p($0) }
        case .share:
            let sum = amounts.reduce(0, +)
            return amounts.map { $0 / sum }
        }
    }

    private func distance(_ x: [Double], _ y: [Double]) -> Double {
        var (overlap, left, right, differences, squares) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for (x, y) in zip(x, y) {
            overlap += x * y
            left += x * x
            right += y * y
            differences += abs(x - y)
            squares += (x - y) * (x - y)
        }
        return switch metric {
        case .cosine: 1 - overlap / (left * right).squareRoot()
        case .manhattan: differences
        case .euclidean: squares.squareRoot()
        }
    }
}
