import Holdings
import PeerSearch
import TestSupport
import Testing

@testable import Recommending

/// Who shares a list, compared with an obvious way to find it out.
@Suite struct AudiencesTests {
    /// A random audience of a few, so that many are equal.
    private static func audience(using random: inout SeededGenerator) -> Audience {
        if Int.random(in: 0..<8, using: &random) == 0 { return Audience(isExcluded: true) }
        return Audience(
            segment: Int32.random(in: -1..<2, using: &random),
            suitabilityClass: Int32.random(in: 0..<2, using: &random),
            exclusionList: Int.random(in: 0..<6, using: &random) == 0 ? Int32.random(in: 1..<9, using: &random) : 0,
            incumbentList: Int32.random(in: 0..<2, using: &random))
    }

    @Test(arguments: 0..<20) func groupClientsByPortfolioAndAudience(seed: Int) throws {
        for round in 0..<100 {
            var random = SeededGenerator(seed: UInt64(1000 * seed + round))
            let clientCount = Int.random(in: 0...40, using: &random)
            var (offsets, products): ([Int], [Int32]) = ([0], [])
            for _ in 0..<clientCount {
                products += (0..<Int32(3)).filter { _ in Bool.random(using: &random) }
                offsets.append(products.count)
            }
            let portfolios = try Portfolios(
                encoding: ClientHoldings(
                    productCount: 3, offsets: offsets, products: products,
                    amounts: products.map { _ in 1 }), as: .binary)
            let given = (0..<clientCount).map { _ in Self.audience(using: &random) }
            let audiences = Audiences(of: portfolios) { given[$0] }

            struct Key: Hashable {
                let portfolio: Int?
                let audience: Audience
            }
            let clientsByKey = Dictionary(grouping: 0..<clientCount) { client in
                Key(portfolio: portfolios.portfolio(ofClient: client), audience: given[client])
            }
            #expect(audiences.count == clientsByKey.count)
            for (key, clients) in clientsByKey {
                let lists = Set(clients.map { Int(audiences.listOfClient[$0]) })
                let list = try #require(lists.count == 1 ? lists.first : nil)
                #expect(audiences[list] == key.audience)
                #expect(audiences.clientCounts[list] == Int32(clients.count))
                #expect(audiences.lists(of: key.portfolio).contains(list))
            }
            // Every list is that of one portfolio, and groups are what a portfolio's lists of one segment have in common.
            let all = (0..<portfolios.count).map { audiences.lists(of: $0) } + [audiences.lists(of: nil)]
            #expect(all.flatMap { Array($0) } == Array(0..<audiences.count))
            var groups: [Int32] = []
            for lists in all {
                let segments = lists.map { audiences[$0].segment }
                #expect(segments == segments.sorted())
                for (list, segment) in zip(lists, segments) {
                    let isNew = list == lists.lowerBound || segment != audiences[list - 1].segment
                    groups.append((groups.last ?? -1) + (isNew ? 1 : 0))
                }
            }
            #expect(audiences.groupOfList == groups)
        }
    }
}
