import Holdings
import TestSupport
import Testing

@testable import Evaluation

/// What is hidden, what is left, and what cannot be found.
@Suite struct BacktestWindowTests {
    @Test(arguments: 0..<30) func foldsHideOneProductOfEveryClientWhoHasTwo(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let holdings = Self.holdings(
            clientCount: Int.random(in: 1...60, using: &random), productCount: Int.random(in: 1...12, using: &random),
            using: &random)
        let foldCount = Int.random(in: 1...6, using: &random)
        var foldOfClient = [Int?](repeating: nil, count: holdings.clientCount)
        for fold in 0..<foldCount {
            let window = BacktestWindow.leaveOneOut(holdings, fold: fold, of: foldCount, seed: UInt64(seed))
            #expect(window.kind == .leaveOneOut && window.trainDate == nil && window.recent == nil)
            let left = window.holdings
            #expect(left.productCount == holdings.productCount && left.clientCount == holdings.clientCount)
            for client in 0..<holdings.clientCount {
                let before = Self.portfolio(of: client, in: holdings)
                let after = Self.portfolio(of: client, in: left)
                let hidden = Set(before.keys).subtracting(after.keys)
                // What is left is left as it was, amounts and all.
                #expect(before.filter { !hidden.contains($0.key) } == after)
                if hidden.isEmpty {
                    #expect(window.added[client].isEmpty)
                    continue
                }
                #expect(hidden.count == 1 && before.count >= 2)
                #expect(foldOfClient[client] == nil, "client \(client) is in two folds")
                foldOfClient[client] = fold
                // Somebody must be left who holds it: what nobody holds is not ranked.
                let isFindable = left.products.contains { hidden.contains($0) }
                #expect(Set(window.added[client]) == (isFindable ? hidden : []))
            }
        }
        for client in 0..<holdings.clientCount {
            let size = holdings.pairs(ofClient: client).count
            #expect((foldOfClient[client] != nil) == (size >= 2), "client \(client) with \(size) products")
        }
    }

    @Test func theSplitFollowsFromTheSeed() {
        var random = SeededGenerator(seed: 5)
        let holdings = Self.holdings(clientCount: 200, productCount: 10, using: &random)
        func split(_ seed: UInt64) -> [BacktestWindow] {
            (0..<5).map { BacktestWindow.leaveOneOut(holdings, fold: $0, of: 5, seed: seed) }
        }
        #expect(split(3).map(\.holdings) == split(3).map(\.holdings))
        #expect(split(3).map(\.added) == split(3).map(\.added))
        #expect(split(3).map(\.added) != split(4).map(\.added))
        // About a fifth each: 170 clients, give or take four standard deviations.
        for window in split(3) { #expect((10...60).contains(window.testedClientCount)) }
    }

    @Test func everyPlaceOfAPortfolioIsHiddenAboutAsOften() {
        let holdings = ClientHoldings(
            productCount: 4, offsets: Array(stride(from: 0, through: 16_000, by: 4)),
            products: (0..<4000).flatMap { _ in Int32(0)..<4 }, amounts: [Double](repeating: 1, count: 16_000))
        let window = BacktestWindow.leaveOneOut(holdings, fold: 0, of: 1, seed: 9)
        var hidden = [0, 0, 0, 0]
        for client in 0..<4000 { for product in window.added[client] { hidden[Int(product)] += 1 } }
        #expect(hidden.reduce(0, +) == 4000)
        // Five standard deviations of a share of a quarter.
        for count in hidden { #expect(abs(count - 1000) < 137) }
    }

    @Test func dropsWhatCannotBeFound() {
        let holdings = ClientHoldings(
            productCount: 5, offsets: [0, 2, 3, 3], products: [0, 1, 2], amounts: [1, 1, 1])
        let window = BacktestWindow(
            kind: .temporal, holdings: holdings,
            added: [
                .init(client: 0, product: 2),  // fine
                .init(client: 0, product: 1), .init(client: 0, product: 3),  // held already; held by nobody
                .init(client: 1, product: 4),  // held by nobody
                .init(client: 1, product: 1), .init(client: 1, product: 0),  // fine
                .init(client: 2, product: 0), .init(client: 2, product: 3),  // without a portfolio
            ])
        #expect(Array(window.added[0]) == [2])
        #expect(Array(window.added[1]) == [0, 1])
        #expect(window.added[2].isEmpty)
        #expect(window.testedClientCount == 2)
    }

    private static func portfolio(of client: Int, in holdings: ClientHoldings) -> [Int32: Double] {
        Dictionary(
            uniqueKeysWithValues: holdings.pairs(ofClient: client).map { (holdings.products[$0], holdings.amounts[$0]) }
        )
    }

    private static func holdings(
        clientCount: Int, productCount: Int, using random: inout SeededGenerator
    ) -> ClientHoldings {
        var offsets = [0]
        var products: [Int32] = []
        for _ in 0..<clientCount {
            let density: Double = [0, 0.1, 0.5, 1].randomElement(using: &random) ?? 0
            products += (0..<Int32(productCount)).filter { _ in Double.random(in: 0..<1, using: &random) < density }
            offsets.append(products.count)
        }
        let amounts = products.map { _ in Double(Int.random(in: 1...1000, using: &random)) }
        return ClientHoldings(productCount: productCount, offsets: offsets, products: products, amounts: amounts)
    }
}
