import PeerSearch
import TestSupport
import Testing

@testable import Recommending

/// Weights between products, against loops over clients and against a slow solution of the regression that EASE is.
@Suite struct ItemMatrixTests {
    /// Counts of clients, and the products that have a place.
    @Test(arguments: 0..<100) func coOccurrenceCountsClients(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let history = try RandomHistory(using: &random)
        let most = Int.random(in: 1...8, using: &random)
        let (portfolios, coOccurrence) = try Self.coOccurrence(history, mostProducts: most)
        let places = history.popular.prefix(most).sorted()
        #expect(coOccurrence.products.map { Int($0) } == places)
        for product in 0..<history.warehouse.productCount {
            #expect(coOccurrence.place(of: Int32(product)) == places.firstIndex(of: product))
        }
        let additions = try history.recent.map { try coOccurrence.additions($0, of: portfolios) }
        for (row, held) in places.enumerated() {
            for (column, other) in places.enumerated() {
                let place = row * places.count + column
                let holders = history.holders(of: held)
                let both = holders.count { history.warehouse.holdings[$0][other] != nil }
                #expect(coOccurrence.clients[place] == Double(both))
                if let additions {
                    #expect(additions[place] == Double(holders.count { history.additions[$0].contains(other) }))
                }
            }
        }
    }

    /// The mean, over what the client holds, of the share of the holders who have the other product, too.
    @Test(arguments: 0..<100) func itemConditional(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let history = try RandomHistory(using: &random)
        let most = Int.random(in: 1...8, using: &random)
        let (portfolios, coOccurrence) = try Self.coOccurrence(history, mostProducts: most)
        let places = Set(history.popular.prefix(most))
        var sides = [(matrix: ItemMatrix.itemConditional(coOccurrence, targets: coOccurrence.clients), isRecent: false)]
        if let recent = history.recent {
            let additions = try coOccurrence.additions(recent, of: portfolios)
            sides.append((.itemConditional(coOccurrence, targets: additions), true))
        }
        for (matrix, isRecent) in sides {
            var scores = [Double](repeating: .nan, count: portfolios.productCount)
            for client in history.clients {
                let held = history.held(by: client)
                matrix.score(held: held.map { Int32($0) }[...], into: &scores)
                for product in scores.indices {
                    var sum = 0.0
                    for other in held where places.contains(product) && places.contains(other) {
                        let holders = history.holders(of: other)
                        let count = holders.count {
                            isRecent
                                ? history.additions[$0].contains(product)
                                : history.warehouse.holdings[$0][product] != nil
                        }
                        sum += Double(count) / Double(holders.count)
                    }
                    #expect(abs(scores[product] - sum / Double(held.count)) < 1e-12)
                    #expect((0...1).contains(scores[product]))
                }
            }
        }
    }

    /// Column by column: the ridge regression of a product on all others, without its own column, is what a diagonal of
    /// zeros means.
    @Test(arguments: 0..<150) func easeIsRidgeRegressionOnTheOthers(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let history = try RandomHistory(using: &random)
        let lambda: Double = [0.5, 1, 10, 500].randomElement(using: &random) ?? 1
        let most = Int.random(in: 2...8, using: &random)
        let (portfolios, coOccurrence) = try Self.coOccurrence(history, mostProducts: most)
        let places = history.popular.prefix(most).sorted()
        let inverse = try await ItemMatrix.inverse(coOccurrence, lambda: lambda, width: 2)
        func ease(_ targets: [Double]?) async throws -> ItemMatrix {
            try await .ease(coOccurrence, inverse: inverse, targets: targets, width: 2)
        }
        var sides = [(matrix: try await ease(nil), isRecent: false)]
        // Given as targets, what is held must lead to the same.
        sides.append((try await ease(coOccurrence.clients), false))
        if let recent = history.recent {
            let additions = try coOccurrence.additions(recent, of: portfolios)
            sides.append((try await ease(additions), true))
        }
        for (matrix, isRecent) in sides {
            var scores = [Double](repeating: .nan, count: portfolios.productCount)
            for target in places {
                let weights = Self.regression(of: target, on: places, history, isRecent: isRecent, lambda: lambda)
                for held in places {
                    matrix.score(held: [Int32(held)], into: &scores)
                    #expect(abs(scores[target] - (weights[held] ?? 0)) < 1e-9)
                }
                // Weights add up.
                matrix.score(held: places.map { Int32($0) }[...], into: &scores)
                #expect(abs(scores[target] - weights.values.reduce(0, +)) < 1e-9)
            }
            matrix.score(held: places.map { Int32($0) }[...], into: &scores)
            for product in scores.indices where !places.contains(product) { #expect(scores[product] == 0) }
        }
    }

    /// Two products with the same holders: which of them says what cannot be told.
    @Test func identicalColumnsHaveNoInverse() async throws {
        let market = SampleMarket(
            productCount: 3, holdings: [[0: 1, 1: 1], [0: 1, 1: 1, 2: 1], [2: 1], [0: 1, 1: 1]])
        let portfolios = try Portfolios(encoding: market.engineHoldings, as: .binary)
        let popularity = ProductPopularity(of: portfolios)
        let coOccurrence = try CoOccurrence(of: portfolios, popularity: popularity)
        await #expect(throws: SignalError.self) { try await ItemMatrix.inverse(coOccurrence, lambda: 0, width: 2) }
        await #expect(throws: SignalError.self) {
            try await SignalModels(
                [.ease], portfolios: portfolios, popularity: popularity, context: .init(easeLambda: 0),
                model: PeerModel(), kernel: .best)
        }
        await #expect(throws: Never.self) { try await ItemMatrix.inverse(coOccurrence, lambda: 0.01, width: 2) }
        // Without twins there is an inverse, λ or not.
        let others = SampleMarket(productCount: 2, holdings: [[0: 1], [0: 1, 1: 1]])
        let distinct = try Portfolios(encoding: others.engineHoldings, as: .binary)
        let pair = try CoOccurrence(of: distinct, popularity: ProductPopularity(of: distinct))
        #expect(try await ItemMatrix.inverse(pair, lambda: 0, width: 2) == [1, -1, -1, 2])
    }

    private static func coOccurrence(
        _ history: RandomHistory, mostProducts: Int
    ) throws -> (Portfolios, CoOccurrence) {
        let portfolios = try Portfolios(encoding: history.holdings, as: .binary)
        return (
            portfolios,
            try CoOccurrence(of: portfolios, popularity: ProductPopularity(of: portfolios), mostProducts: mostProducts)
        )
    }

    /// The weights that minimize Σ (y - Σ w x)² + λ Σ w² over all clients, x for every product but the target.
    private static func regression(
        of target: Int, on places: [Int], _ history: RandomHistory, isRecent: Bool, lambda: Double
    ) -> [Int: Double] {
        let others = places.filter { $0 != target }
        var system = others.map { _ in [Double](repeating: 0, count: others.count + 1) }
        for client in history.clients {
            let held = history.warehouse.holdings[client]
            let y = isRecent ? history.additions[client].contains(target) : held[target] != nil
            for (row, first) in others.enumerated() where held[first] != nil {
                for (column, second) in others.enumerated() where held[second] != nil { system[row][column] += 1 }
                system[row][others.count] += y ? 1 : 0
            }
        }
        for row in others.indices { system[row][row] += lambda }
        return Dictionary(uniqueKeysWithValues: zip(others, solve(system)))
    }

    /// Gaussian elimination with partial pivoting, of rows with their right side at the end.
    private static func solve(_ system: [[Double]]) -> [Double] {
        var rows = system
        let count = rows.count
        for pivot in 0..<count {
            let best = (pivot..<count).max { abs(rows[$0][pivot]) < abs(rows[$1][pivot]) } ?? pivot
            rows.swapAt(pivot, best)
            for row in (pivot + 1)..<count {
                let factor = rows[row][pivot] / rows[pivot][pivot]
                for column in pivot...count { rows[row][column] -= factor * rows[pivot][column] }
            }
        }
        var solution = [Double](repeating: 0, count: count)
        for row in (0..<count).reversed() {
            var rest = rows[row][count]
            for column in (row + 1)..<count { rest -= rows[row][column] * solution[column] }
            solution[row] = rest / rows[row][row]
        }
        return solution
    }
}
