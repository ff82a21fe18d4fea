import Foundation
import Holdings
import PeerSearch
import TestSupport
import Testing

@testable import Recommending

/// Multinomial logistic regression, against SciPy's optimum, a slow objective, and itself in other orders and widths.
@Suite struct SoftmaxModelTests {
    /// Models that `crosscheck.py` has trained.
    @Test func isTheOptimumThatOthersFind() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens/softmax.tsv")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count >= 40)
        for line in lines {
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            try #require(columns.count == 7)
            let market = try Market(
                productCount: try #require(Int(columns[1])), holdings: columns[2], categories: columns[3],
                numbers: columns[4])
            let model = try await market.model(lambda: try #require(Double(columns[0])))
            #expect(model.training.isConverged)
            let coefficients = Self.numbers(columns[5])
            let found = market.coefficients(of: model)
            try #require(found.count == coefficients.count)
            for (one, other) in zip(found, coefficients) { #expect(abs(one - other) < 1e-6) }
            let scores = Self.numbers(columns[6])
            let own = market.scores(by: model)
            try #require(own.count == scores.count)
            for (one, other) in zip(own, scores) { #expect(abs(one - other) < 1e-9) }
        }
    }

    /// The value and every slope, anywhere: not only where training happens to pass.
    @Test(arguments: 0..<100) func objectiveAddsUpEveryPair(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let market = try Market(using: &random)
        guard let objective = market.objective(lambda: 0.5) else { return }
        var variables = [Double](repeating: 0, count: objective.variableCount)
        for place in market.used(of: objective) { variables[place] = Double.random(in: -2...2, using: &random) }
        let (value, gradient) = try await objective(variables)
        #expect(abs(value - market.slowValue(variables, objective)) <= 1e-9 * max(1, value))
        for place in market.used(of: objective) {
            // A difference over both sides has an error of the order of the square of the step.
            let step = 1e-5
            var (before, after) = (variables, variables)
            before[place] -= step
            after[place] += step
            let slope = (market.slowValue(after, objective) - market.slowValue(before, objective)) / (2 * step)
            #expect(abs(gradient[place] - slope) < 1e-5 * max(1, value))
        }
    }

    /// Neither how many tasks compute nor the clients' ids decide on a bit.
    @Test(arguments: 0..<20) func anyWidthAndAnyOrderGiveTheSameBits(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let market = try Market(using: &random)
        guard market.isHeld else { return }
        let model = try await market.model(lambda: 1, width: 1)
        let coefficients = market.coefficients(of: model)
        #expect(market.coefficients(of: try await market.model(lambda: 1, width: 5)) == coefficients)
        let shuffled = try Market(productCount: market.productCount, market.clients.shuffled(using: &random))
        #expect(shuffled.coefficients(of: try await shuffled.model(lambda: 1, width: 3)) == coefficients)
    }

    @Test func oneProductAndOneClientAreEnough() async throws {
        let one = try Market(productCount: 1, [.init(held: [0])])
        let model = try await one.model(lambda: 1)
        #expect(model.training.isConverged)
        #expect(one.scores(by: model) == [0])
        let everybody = try Market(productCount: 3, [.init(held: [0]), .init(held: [0, 1]), .init(held: [0, 2])])
        let scores = everybody.scores(by: try await everybody.model(lambda: 1))
        // Who holds A is offered the others, by as many as hold them.
        #expect(scores == [0, 0.5, 0.5, 0, 0, 1, 0, 1, 0])
    }

    /// A sample stands for as many clients as all rows.
    @Test func aSampleKeepsTheWeight() throws {
        let market = try Market(
            productCount: 12,
            (1..<4096).map { number in .init(held: Set((0..<12).filter { number >> $0 & 1 == 1 })) })
        let all = SoftmaxRows(
            market.portfolios, placeOfProduct: Array(0..<12), usesAttributes: false, seed: 1)
        let some = SoftmaxRows(
            market.portfolios, placeOfProduct: Array(0..<12), usesAttributes: false, mostRows: 500, seed: 1)
        #expect(all.count == 4095)
        #expect(some.count == 500)
        #expect(abs(all.weights.reduce(0, +) - some.weights.reduce(0, +)) < 1e-6)
        let other = SoftmaxRows(
            market.portfolios, placeOfProduct: Array(0..<12), usesAttributes: false, mostRows: 500, seed: 2)
        #expect(some.places != other.places)
    }

    /// Amounts have no part in it: the same with every encoding.
    @Test(arguments: [Encoding.binary, .amount, .share]) func onlyWhatIsHeldCounts(encoding: Encoding) async throws {
        var random = SeededGenerator(seed: 7)
        let clients = (0..<200).map { _ in
            Market.Client(held: Set((0..<6).filter { _ in Bool.random(using: &random) }))
        }
        let plain = try Market(productCount: 6, clients)
        let coefficients = plain.coefficients(of: try await plain.model(lambda: 1))
        let market = try Market(productCount: 6, clients, encoding: encoding)
        let found = market.coefficients(of: try await market.model(lambda: 1))
        for (one, other) in zip(found, coefficients) { #expect(abs(one - other) < 1e-8) }
    }

    private static func numbers(_ text: Substring) -> [Double] {
        text.split(separator: " ").map { $0 == "nan" ? .nan : Double($0) ?? .infinity }
    }
}

/// Clients with what they hold and what is known of them.
private struct Market {
    struct Client {
        var held: Set<Int>
        var category = -1
        var number = Double.nan
    }

    let productCount: Int
    let clients: [Client]
    let portfolios: Portfolios
    var isHeld: Bool { portfolios.count > 0 }

    init(productCount: Int, _ clients: [Client], encoding: Encoding = .binary) throws {
        self.productCount = productCount
        self.clients = clients
        var (offsets, products, amounts) = ([0], [Int32](), [Double]())
        for (number, client) in clients.enumerated() {
            for product in client.held.sorted() {
                products.append(Int32(product))
                amounts.append(Double(1 + (number + product) % 5))
            }
            offsets.append(products.count)
        }
        let categories = clients.map { Int32($0.category) }
        var attributes: [ClientAttribute] = []
        if categories.contains(where: { $0 >= 0 }) {
            attributes.append(ClientAttribute(name: "kind", weight: 0.25, values: .categories(categories)))
        }
        if clients.contains(where: { !$0.number.isNaN }) {
            attributes.append(ClientAttribute(name: "age", weight: 3, values: .numbers(clients.map(\.number))))
        }
        portfolios = try Portfolios(
            encoding: ClientHoldings(
                productCount: productCount, offsets: offsets, products: products, amounts: amounts),
            as: encoding, attributes: attributes)
    }

    init(using random: inout SeededGenerator) throws {
        let productCount = Int.random(in: 1...6, using: &random)
        let (hasCategories, hasNumbers) = (Bool.random(using: &random), Bool.random(using: &random))
        let clients = (0..<Int.random(in: 1...12, using: &random)).map { _ in
            Client(
                held: Set((0..<productCount).filter { _ in Bool.random(using: &random) }),
                category: hasCategories ? Int.random(in: -1...2, using: &random) : -1,
                number: hasNumbers ? [.nan, 1, 2, 30].randomElement(using: &random) ?? 1 : .nan)
        }
        try self.init(productCount: productCount, clients)
    }

    /// As `crosscheck.py` writes it down.
    init(productCount: Int, holdings: Substring, categories: Substring, numbers: Substring) throws {
        var clients = holdings.split(separator: ";", omittingEmptySubsequences: false).map { text in
            Client(held: Set(text.split(separator: " ").compactMap { Int($0) }))
        }
        for (client, category) in categories.split(separator: " ").enumerated() {
            clients[client].category = try #require(Int(category))
        }
        for (client, number) in numbers.split(separator: " ").enumerated() {
            clients[client].number = try #require(Double(number))
        }
        try self.init(productCount: productCount, clients)
    }

    func model(lambda: Double, width: Int = 2) async throws -> SoftmaxModel {
        try await SoftmaxModel(
            portfolios, popularity: ProductPopularity(of: portfolios), lambda: lambda, width: width)
    }

    /// b, W and V of the products that somebody holds.
    func coefficients(of model: SoftmaxModel) -> [Double] {
        let places = (0..<Int32(productCount)).filter { model.bias(of: $0) != nil }
        var numbers = places.compactMap { model.bias(of: $0) }
        for row in places { numbers += places.compactMap { model.weight(from: row, to: $0) } }
        for attribute in 0..<portfolios.attributeCount {
            numbers += places.compactMap { model.weight(fromAttribute: attribute, to: $0) }
        }
        return numbers
    }

    /// Of every client who holds anything.
    func scores(by model: SoftmaxModel) -> [Double] {
        var scores = [Double](repeating: 0, count: productCount)
        return clients.indices.flatMap { client -> [Double] in
            guard let portfolio = portfolios.portfolio(ofClient: client) else { return [] }
            model.score(
                held: portfolios.products(of: portfolio), attributes: portfolios.attributes(of: portfolio),
                into: &scores)
            return scores
        }
    }

    /// Nil where nobody holds anything.
    func objective(lambda: Double) -> SoftmaxObjective? {
        guard isHeld else { return nil }
        let rows = SoftmaxRows(
            portfolios, placeOfProduct: Array(0..<Int32(productCount)), usesAttributes: true, seed: 1)
        return SoftmaxObjective(rows, lambda: lambda, width: 2)
    }

    /// The variables that are numbers of the model, not filling.
    func used(of objective: SoftmaxObjective) -> [Int] {
        (0..<objective.variableCount).filter { place in
            let (row, column) = (place / objective.stride, place % objective.stride)
            return column < productCount && (row == 0 || row > productCount || row - 1 != column)
        }
    }

    /// The definition, client by client and product by product.
    func slowValue(_ variables: [Double], _ objective: SoftmaxObjective) -> Double {
        func variable(_ row: Int, _ column: Int) -> Double { variables[row * objective.stride + column] }
        var value = 0.0
        for client in clients.indices {
            guard let portfolio = portfolios.portfolio(ofClient: client) else { continue }
            let held = clients[client].held
            for product in held {
                var sum = 0.0
                var own = 0.0
                for other in 0..<productCount where other == product || !held.contains(other) {
                    var z = variable(0, other)
                    for row in held where row != product { z += variable(1 + row, other) }
                    for (attribute, known) in portfolios.attributes(of: portfolio) {
                        z += known * variable(1 + productCount + Int(attribute), other)
                    }
                    sum += exp(z)
                    if other == product { own = z }
                }
                value += (log(sum) - own) / Double(held.count)
            }
        }
        return value + objective.lambda / 2 * variables.reduce(0) { $0 + $1 * $1 }
    }
}
