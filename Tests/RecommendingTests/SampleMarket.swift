import Foundation
import Holdings
import TestSupport

/// Clients in segments with their own tastes, a few products each, with log-normal amounts.
///
/// With 30,000 clients and 31 products this is the shape of the data that the search is measured with: about 3.3
/// products per client and 24,000 distinct portfolios of shares.
struct SampleMarket {
    let productCount: Int
    let holdings: [[Int: Double]]

    init(productCount: Int, holdings: [[Int: Double]]) {
        self.productCount = productCount
        self.holdings = holdings
    }

    init(clientCount: Int, productCount: Int, random: inout SeededGenerator) {
        self.productCount = productCount
        let segmentCount = 6
        let sizes = [20, 22, 18, 14, 10, 7, 5, 4]
        let tastes = (0..<segmentCount).map { _ in
            (0..<productCount).map { pow(Double($0 + 1), -1.1) * exp(1.2 * Self.normal(&random)) }
        }
        let scales = (0..<productCount).map { _ in Self.normal(&random) }
        holdings = (0..<clientCount).map { _ in
            let taste = tastes[Int.random(in: 0..<segmentCount, using: &random)]
            var point = Int.random(in: 0..<100, using: &random)
            let size = sizes.firstIndex { size in
                point -= size
                return point < 0
            }
            // The largest log taste + Gumbel noise: sampling without replacement by taste.
            let drawn = taste.indices
                .map { (log(taste[$0]) - log(-log(Double.random(in: 0x1p-53..<1, using: &random))), $0) }
                .sorted { $0.0 > $1.0 }
                .prefix((size ?? 0) + 1)
            return Dictionary(
                uniqueKeysWithValues: drawn.map { ($0.1, exp(Self.normal(&random) + scales[$0.1])) })
        }
    }

    var engineHoldings: ClientHoldings {
        var offsets = [0]
        var products: [Int32] = []
        var amounts: [Double] = []
        for portfolio in holdings {
            for (product, amount) in portfolio.sorted(by: { $0.key < $1.key }) {
                products.append(Int32(product))
                amounts.append(amount)
            }
            offsets.append(products.count)
        }
        return ClientHoldings(productCount: productCount, offsets: offsets, products: products, amounts: amounts)
    }

    private static func normal(_ random: inout SeededGenerator) -> Double {
        let radius = (-2 * log(Double.random(in: 0x1p-53..<1, using: &random))).squareRoot()
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
    }
}
