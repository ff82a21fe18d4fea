import PeerSearch
import Testing

@Suite("Attributes of clients")
struct ClientAttributeTests {
    @Test(
        arguments: [
            ([], []), ([7], [0.5]), ([5, 5, 5, 5], [0.5, 0.5, 0.5, 0.5]), ([3, 1, 2], [5.0 / 6, 1.0 / 6, 0.5]),
            ([10, -1e300, 10, 1e300], [0.5, 0.125, 0.5, 0.875]),
        ] as [([Double], [Double])])
    func quantilesAreMiddleRanks(numbers: [Double], quantiles: [Double]) {
        #expect(ClientAttribute.quantiles(of: numbers) == quantiles)
    }

    @Test func whatIsNotKnownHasNoQuantileAndCountsForNobody() {
        let quantiles = ClientAttribute.quantiles(of: [.nan, 4, .nan, 8])
        #expect(quantiles[0].isNaN && quantiles[2].isNaN)
        #expect(quantiles[1] == 0.25 && quantiles[3] == 0.75)
    }

    @Test func countsDifferentValues() {
        func count(_ values: ClientAttribute.Values) -> Int {
            ClientAttribute(name: "x", weight: 1, values: values).distinctValueCount
        }
        #expect(count(.categories([])) == 0 && count(.categories([-1, -1])) == 0)
        #expect(count(.categories([3, 0, 3, -1])) == 2)
        #expect(count(.numbers([.nan])) == 0 && count(.numbers([0, -0.0, .nan])) == 1)
    }

    /// Who holds the same, but is known for something else, has another portfolio; who holds nothing has none.
    @Test(arguments: Encoding.allCases)
    func portfoliosAreDistinctWithAttributes(encoding: Encoding) throws {
        let holdings = PortfoliosTests.holdings([[(0, 2)], [(0, 2)], [], [(0, 2)], [(0, 2)], [(1, 2)]])
        let kind = ClientAttribute(name: "kind", weight: 0.5, values: .categories([1, 0, 0, 1, -1, 0]))
        let portfolios = try Portfolios(encoding: holdings, as: encoding, attributes: [kind])
        // Those of whom nothing is known come first, then by category.
        #expect((0..<6).map { portfolios.portfolio(ofClient: $0) } == [2, 1, nil, 2, 0, 3])
        #expect(portfolios.products == [0, 0, 0, 1])
        #expect((0..<4).map { portfolios.multiplicity(of: $0) } == [1, 1, 2, 1])
        #expect(portfolios.clientsWithPortfolio == 5 && portfolios.productCount == 4)
    }

    @Test func weightsWhoseSquaresLeaveFloat64AreRefused() {
        let holdings = PortfoliosTests.holdings([[(0, 1)], [(0, 1)], []])
        let kind = ClientAttribute(name: "kind", weight: 1e200, values: .categories([0, -1, 0]))
        let error = #expect(throws: PortfolioError.self) {
            try Portfolios(encoding: holdings, as: .binary, attributes: [kind])
        }
        #expect(error?.exampleClients == [0])
        #expect(error?.message.contains("clients.attributes") == true)
    }

    @Test func attributesOfOtherClientsAreAMistake() async {
        await #expect(processExitsWith: .failure) {
            let holdings = PortfoliosTests.holdings([[(0, 1)]])
            let kind = ClientAttribute(name: "kind", weight: 1, values: .categories([0, 1]))
            _ = try Portfolios(encoding: holdings, as: .binary, attributes: [kind])
        }
        await #expect(processExitsWith: .failure) {
            _ = ClientAttribute(name: "kind", weight: 0, values: .categories([0]))
        }
    }
}
