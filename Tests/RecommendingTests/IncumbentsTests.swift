import Holdings
import PeerSearch
import Testing

@testable import Recommending

/// Who is kept and who is replaced; the whole is compared with the reference elsewhere.
@Suite struct IncumbentsTests {
    private static let popularity = ProductPopularity(
        of: try? Portfolios(
            encoding: ClientHoldings(
                productCount: 6, offsets: [0, 2, 3], products: [4, 5, 5], amounts: [1, 1, 1]), as: .binary))

    private static func choose(
        _ count: Int, _ scores: [Int32: Double], kept: [Int32], margin: Double
    ) -> [Int32] {
        var lists = GroupedLists<Int32>()
        lists.append(kept)
        let incumbents = Incumbents(lists, listOfClient: [nil, 0, nil], margin: margin)
        let candidates = scores.map { Candidate(product: $0.key, score: $0.value, peersHolding: 1, reason: .peers) }
            .sorted(by: popularity.ranksBefore)
        let best = incumbents.best(
            count, of: candidates, list: incumbents.list(ofClient: 1), popularity: popularity)
        #expect(best.allSatisfy { scores[$0.product] == $0.score })
        return best.map(\.product)
    }

    @Test func aNewcomerNeedsTheMargin() {
        #expect(Self.choose(1, [0: 0.5, 1: 0.59], kept: [0], margin: 0.25) == [0])
        #expect(Self.choose(1, [0: 0.5, 1: 0.63], kept: [0], margin: 0.25) == [1])
        #expect(Self.choose(1, [0: 0.5, 1: 0.59], kept: [2], margin: 0.25) == [1])
        #expect(Self.choose(2, [0: 0.5, 1: 0.59, 2: 0.1], kept: [0, 2, 3], margin: 0.25) == [0, 1])
        #expect(Self.choose(9, [0: 0.5, 1: 0.59, 2: 0.1], kept: [], margin: 0.25) == [1, 0, 2])
    }

    /// At exactly the margin holders decide, then the product's place, as between any equal scores.
    @Test func tiesAreBrokenAsEverywhere() {
        #expect(Self.choose(1, [0: 0.5, 1: 0.625], kept: [1], margin: 0.25) == [1])
        #expect(Self.choose(1, [0: 0.625, 1: 0.5], kept: [1], margin: 0.25) == [0])
        #expect(Self.choose(1, [0: 0.5, 5: 0.625], kept: [0], margin: 0.25) == [5])
        #expect(Self.choose(1, [4: 0.625, 5: 0.5], kept: [5], margin: 0.25) == [5])
    }

    @Test func aMarginOfNothingChangesNothing() {
        #expect(Self.choose(2, [0: 0.5, 1: 0.6, 2: 0.55], kept: [0], margin: 0) == [1, 2])
    }

    /// A list is what was suggested, not in which order.
    @Test func equalListsAreShared() {
        var suggested = GroupedLists<Int32>()
        for list: [Int32] in [[2, 1], [], [1], [1, 2]] { suggested.append(list) }
        let incumbents = Incumbents(suggested, listOfClient: [0, 1, 2, 3, nil], margin: 0.1)
        let lists = (0..<5).map { incumbents.list(ofClient: $0) }
        #expect(lists[0] == lists[3])
        #expect(lists[1] == 0 && lists[4] == 0)
        #expect(Set(lists).count == 3)
        #expect(Incumbents(GroupedLists(), listOfClient: [nil, nil], margin: 1).list(ofClient: 1) == 0)
    }
}

extension ProductPopularity {
    fileprivate init(of portfolios: Portfolios?) {
        guard let portfolios else { preconditionFailure("the portfolios of the test cannot be encoded") }
        self.init(of: portfolios)
    }
}
