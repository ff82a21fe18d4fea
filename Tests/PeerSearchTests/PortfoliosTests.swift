import Foundation
import Holdings
import PeerSearch
import TestSupport
import Testing

@Suite("Encoding holdings into distinct portfolios")
struct PortfoliosTests {
    static func holdings(_ clients: [[(Int32, Double)]], productCount: Int = 4) -> ClientHoldings {
        var offsets = [0]
        for client in clients { offsets.append(offsets[offsets.count - 1] + client.count) }
        let pairs = clients.flatMap(\.self)
        return ClientHoldings(
            productCount: productCount, offsets: offsets, products: pairs.map(\.0), amounts: pairs.map(\.1))
    }

    @Test func nobody() throws {
        let portfolios = try Portfolios(encoding: Self.holdings([]), as: .amount)
        #expect(portfolios.count == 0 && portfolios.clientCount == 0)
    }

    @Test func values() throws {
        let holdings = Self.holdings([[(0, 1), (2, 3)]])
        #expect(try Portfolios(encoding: holdings, as: .binary).values == [1, 1])
        #expect(try Portfolios(encoding: holdings, as: .amount).values == [1, 3])
        #expect(try Portfolios(encoding: holdings, as: .log).values == [1, 3].map(ReproducibleMath.log1p))
        #expect(try Portfolios(encoding: holdings, as: .share).values == [0.25, 0.75])
    }

    @Test func equalVectorsAreOnePortfolioInTheOrderOfContent() throws {
        let holdings = Self.holdings([
            [(1, 2)], [(0, 2), (1, 2)], [], [(1, 4)], [(0, 1), (1, 3)], [(0, 1), (1, 1)], [(0, 1)],
        ])
        let portfolios = try Portfolios(encoding: holdings, as: .share)
        #expect(portfolios.count == 4)
        #expect(portfolios.offsets == [0, 1, 3, 5, 6])
        #expect(portfolios.products == [0, 0, 1, 0, 1, 1])
        #expect(portfolios.values == [1, 0.25, 0.75, 0.5, 0.5, 1])
        #expect((0..<4).map { Array(portfolios.clients(of: $0)) } == [[6], [4], [1, 5], [0, 3]])
        #expect((0..<7).map { portfolios.portfolio(ofClient: $0) } == [3, 2, nil, 3, 1, 2, 0])
        #expect(portfolios.multiplicity(of: 3) == 2 && portfolios.clientsWithPortfolio == 6)
    }

    /// Clients in another order have the same portfolios in the same order.
    @Test(arguments: 0..<100)
    func theOrderOfClientsDoesNotMatter(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let clients = (0..<60).map { _ in
            (0..<Int32(4)).filter { _ in Bool.random(using: &random) }
                .map { ($0, Double(Int.random(in: 1...2, using: &random))) }
        }
        let places = Array(clients.indices).shuffled(using: &random)
        for encoding in Encoding.allCases {
            let expected = try Portfolios(encoding: Self.holdings(clients), as: encoding)
            let moved = try Portfolios(encoding: Self.holdings(places.map { clients[$0] }), as: encoding)
            #expect(moved.offsets == expected.offsets && moved.products == expected.products)
            #expect(moved.values == expected.values)
            for (client, place) in places.enumerated() {
                #expect(moved.portfolio(ofClient: client) == expected.portfolio(ofClient: place))
            }
        }
    }

    @Test(arguments: [1e200, 1e-200, 1e154])
    func amountsWhoseSquaresLeaveFloat64AreRefused(amount: Double) throws {
        let holdings = Self.holdings([[(0, 1)], [(0, amount)], [], [(1, amount), (2, amount)]])
        let error = #expect(throws: PortfolioError.self) { try Portfolios(encoding: holdings, as: .amount) }
        #expect(error?.code == .amountsOutOfRange)
        #expect(error?.clientCount == 2 && error?.exampleClients == [1, 3])
        _ = try Portfolios(encoding: holdings, as: .share)
        _ = try Portfolios(encoding: holdings, as: .binary)
    }

    @Test func sharesOfAnInfiniteSumAreRefused() {
        let holdings = Self.holdings([[(0, 1.5e308), (1, 1.5e308)]])
        #expect(throws: PortfolioError.self) { try Portfolios(encoding: holdings, as: .share) }
    }

    @Test func holdingsThatAreNotInOrderAreAMistake() async {
        await #expect(processExitsWith: .failure) {
            _ = ClientHoldings(productCount: 2, offsets: [0, 2], products: [1, 0], amounts: [1, 1])
        }
        await #expect(processExitsWith: .failure) {
            _ = ClientHoldings(productCount: 2, offsets: [0, 1], products: [0], amounts: [.nan])
        }
    }
}
