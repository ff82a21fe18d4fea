import TestSupport
import Testing

@testable import Holdings
@testable import PeerSearch

/// Portfolios in the order of their content, and the search order, with any number of tasks.
@Suite("Ordering") struct ContentOrderTests {
    /// 2,000 invented markets; few of them have more products than a key holds.
    @Test(arguments: 0..<20) func portfoliosAreInTheOrderOfTheirContent(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for round in 0..<100 {
            let holdings = RandomMarket(using: &random).holdings
            let attributes =
                Bool.random(using: &random)
                ? [] : RandomAttributes.attributes(clientCount: holdings.clientCount, using: &random)
            let encoding = Encoding.allCases.randomElement(using: &random) ?? .share
            let portfolios = try Portfolios(encoding: holdings, as: encoding, attributes: attributes)
            for portfolio in 1..<max(1, portfolios.count) {
                #expect(Self.precedes(portfolio - 1, portfolio, portfolios), "round \(round)")
            }
            let width = Int.random(in: 1...3, using: &random)
            let other = try await Portfolios(encoding: holdings, as: encoding, attributes: attributes, width: width)
            #expect(Self.isSame(portfolios, other))
        }
    }

    /// Several runs, that have to be merged, and parts that tasks share.
    @Test(arguments: [1, 2, 3], [Encoding.share, .binary])
    func manyPortfoliosAreTheSameWithAnyWidth(width: Int, encoding: Encoding) async throws {
        var random = SeededGenerator(seed: 1)
        let clients = (0..<70_000).map { _ in
            (0..<Int32(20)).filter { _ in Int.random(in: 0..<6, using: &random) == 0 }
                .map { ($0, Double(Int.random(in: 1..<1000, using: &random))) }
        }
        let holdings = PortfoliosTests.holdings(clients, productCount: 20)
        let portfolios = try Portfolios(encoding: holdings, as: encoding)
        for portfolio in 1..<portfolios.count where !Self.precedes(portfolio - 1, portfolio, portfolios) {
            Issue.record("\(portfolio) is out of order")
        }
        #expect(
            Self.isSame(portfolios, try await Portfolios(encoding: holdings, as: encoding, width: width)))
        let vectors = portfolios.vectors
        let values = ScoreIndex.Values(vectors, model: PeerModel(encoding: encoding))
        #expect(
            try SearchOrder.order(of: vectors, laneValues: values.laneValues)
                == (try await SearchOrder.order(of: vectors, laneValues: values.laneValues, width: width)))
    }

    @Test func cancellationStopsBoth() async throws {
        let holdings = PortfoliosTests.holdings((0..<1000).map { [($0 % 4, Double($0 + 1))] })
        let portfolios = try Portfolios(encoding: holdings, as: .amount)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await #expect(throws: CancellationError.self) {
                try await Portfolios(encoding: holdings, as: .amount, width: 2)
            }
            await #expect(throws: CancellationError.self) {
                try await PeerIndex(portfolios: portfolios, model: PeerModel(encoding: .amount), width: 2)
            }
        }
        await task.value
    }

    /// The definition; false for equal ones, of which there are none.
    private static func precedes(_ left: Int, _ right: Int, _ portfolios: Portfolios) -> Bool {
        let (first, second) = (Array(portfolios.products(of: left)), Array(portfolios.products(of: right)))
        if first != second { return first.lexicographicallyPrecedes(second) }
        let vectors = portfolios.vectors
        func values(_ portfolio: Int) -> [Double] { Array(portfolios.values[portfolios.columns(of: portfolio)]) }
        if values(left) != values(right) { return values(left).lexicographicallyPrecedes(values(right)) }
        func attributes(_ portfolio: Int) -> ([Int32], [Double]) {
            let columns = vectors.columns(of: portfolio).dropFirst(first.count)
            return (columns.map { vectors.columns[$0] }, columns.map { vectors.values[$0] })
        }
        let (leftColumns, leftValues) = attributes(left)
        let (rightColumns, rightValues) = attributes(right)
        if leftColumns != rightColumns { return leftColumns.lexicographicallyPrecedes(rightColumns) }
        return leftValues.lexicographicallyPrecedes(rightValues)
    }

    private static func isSame(_ left: Portfolios, _ right: Portfolios) -> Bool {
        left.offsets == right.offsets && left.products == right.products && left.values == right.values
            && left.clients == right.clients && left.clientOffsets == right.clientOffsets
            && left.portfolioOfClient == right.portfolioOfClient && left.vectors.columns == right.vectors.columns
            && left.vectors.values == right.vectors.values
    }
}
