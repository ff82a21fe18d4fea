import Holdings
import TestSupport
import Testing

@Suite("Building holdings from rows")
struct HoldingsBuilderTests {
    typealias Row = (client: Int32, product: Int32, amount: Double?)

    private func build(
        _ rows: [Row], clients: [Int32], products: [Int32], minAmount: Double = 0
    ) throws -> (holdings: ClientHoldings, quality: HoldingsQuality) {
        var builder = HoldingsBuilder(minAmount: minAmount)
        for row in rows { builder.add(client: row.client, product: row.product, amount: row.amount) }
        #expect(builder.rowCount == rows.count)
        return try builder.finish(clientOrder: clients, productOrder: products)
    }

    @Test func nothing() throws {
        let (holdings, quality) = try build([], clients: [], products: [])
        #expect(holdings.clientCount == 0 && holdings.pairCount == 0)
        #expect(quality.rowCount == 0 && quality.rowsSetAside == 0)
    }

    @Test func arrivalIndexesBecomeFinalOnes() throws {
        let (holdings, _) = try build([(0, 0, 5), (1, 1, 7), (0, 1, 6)], clients: [2, 0, 1], products: [1, 0])
        #expect(holdings.offsets == [0, 1, 1, 3])
        #expect(holdings.products == [0, 0, 1])
        #expect(holdings.amounts == [7, 6, 5])
    }

    @Test func everyFindingIsCountedAndTheRestIsHeld() throws {
        let rows: [Row] = [
            (0, 0, nil), (0, 1, .nan), (0, 2, .infinity), (0, 2, -.infinity), (0, 3, 1),
            (1, 0, -5), (1, 1, 3), (1, 1, -1), (1, 2, 0), (1, 3, 4), (1, 3, 4), (1, 3, 4),
            (2, 0, 1e308), (2, 0, 1e308),
        ]
        let (holdings, quality) = try build(rows, clients: [0, 1, 2], products: [0, 1, 2, 3])
        #expect(holdings.offsets == [0, 1, 3, 3])
        #expect(holdings.products == [3, 1, 3])
        #expect(holdings.amounts == [1, 2, 12])
        #expect(quality.rowCount == 14 && quality.rowsSetAside == 4)
        #expect(quality.nullAmounts.count == 1 && quality.nullAmounts.examples == [.init(client: 0, product: 0)])
        #expect(quality.notANumberAmounts.examples == [.init(client: 0, product: 1)])
        #expect(quality.infiniteAmounts.count == 3)
        #expect(quality.infiniteAmounts.examples == [.init(client: 0, product: 2), .init(client: 2, product: 0)])
        #expect(quality.negativeAmounts.count == 2)
        #expect(quality.duplicateRows.count == 4)
        #expect(quality.pairsNotHeld.examples == [.init(client: 1, product: 0), .init(client: 1, product: 2)])
    }

    @Test func heldMeansGreaterThanTheLeastAmount() throws {
        let (holdings, quality) = try build(
            [(0, 0, 10), (0, 1, 10.5), (0, 2, 9)], clients: [0], products: [0, 1, 2], minAmount: 10)
        #expect(holdings.products == [1])
        #expect(quality.pairsNotHeld.count == 2)
    }

    @Test func exampleListsStayShort() throws {
        let rows: [Row] = (0..<40).map { ((39 - $0) / 4, $0 % 4, nil) }
        let (_, quality) = try build(rows, clients: Array(0..<10), products: [0, 1, 2, 3])
        #expect(quality.nullAmounts.count == 40)
        #expect(
            quality.nullAmounts.examples
                == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0)].map { .init(client: $0, product: $1) })
    }

    /// Shuffled rows under other arrival indexes give the same holdings and findings, to the last bit of every sum.
    @Test(arguments: 0..<200)
    func theOrderOfRowsDoesNotMatter(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let clientCount = Int32.random(in: 1...6, using: &random)
        let productCount = Int32.random(in: 1...40, using: &random)
        let rows: [Row] = (0..<Int.random(in: 0...300, using: &random)).map { _ in
            let amount: Double? =
                switch Int.random(in: 0..<20, using: &random) {
                case 0: nil
                case 1: .nan
                case 2: .infinity
                case 3: -Double.random(in: 0..<1e3, using: &random)
                case 4: 1e308
                default: Double.random(in: 0..<1e6, using: &random)
                }
            return (.random(in: 0..<clientCount, using: &random), .random(in: 0..<productCount, using: &random), amount)
        }
        let expected = try build(rows, clients: Array(0..<clientCount), products: Array(0..<productCount))
        // clients[arrival] = final
        let clients = Array(0..<clientCount).shuffled(using: &random)
        let products = Array(0..<productCount).shuffled(using: &random)
        let shuffled: [Row] = rows.shuffled(using: &random).map { row in
            let client = clients.firstIndex(of: row.client) ?? 0
            let product = products.firstIndex(of: row.product) ?? 0
            return (Int32(client), Int32(product), row.amount)
        }
        let actual = try build(shuffled, clients: clients, products: products)
        #expect(actual == expected)
    }

    /// Any number of clients and rows, beside a dictionary of pairs.
    @Test(arguments: 0..<1000)
    func sumsWhatADictionarySums(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let clients = Array(0..<Int32.random(in: 1...[5, 300, 3000][seed % 3], using: &random)).shuffled(using: &random)
        let products = Array(0..<Int32.random(in: 1...40, using: &random)).shuffled(using: &random)
        // Amounts whose sums have no rounding, so that the dictionary's are right to the last bit.
        let rows: [Row] = (0..<Int.random(in: 0...4000, using: &random)).map { _ in
            let fraction = Double(Int.random(in: 0...1 << 40, using: &random)) / 0x1p20
            let amount = [-1, 0, 0.125, 1e308, .infinity, .nan, fraction].randomElement(using: &random)
            return (
                .random(in: 0..<Int32(clients.count), using: &random),
                .random(in: 0..<Int32(products.count), using: &random),
                Int.random(in: 0..<20, using: &random) == 0 ? nil : amount
            )
        }
        let minAmount = Double.random(in: 0...2, using: &random)
        let (holdings, quality) = try build(rows, clients: clients, products: products, minAmount: minAmount)

        var amounts: [ClientProduct: [Double]] = [:]
        var (nulls, notNumbers, infinite) = ([ClientProduct](), [ClientProduct](), [ClientProduct]())
        for row in rows {
            let pair = ClientProduct(client: clients[Int(row.client)], product: products[Int(row.product)])
            if let amount = row.amount, amount.isFinite {
                amounts[pair, default: []].append(amount)
            } else {
                row.amount.map { $0.isNaN ? notNumbers.append(pair) : infinite.append(pair) } ?? nulls.append(pair)
            }
        }
        let sums = amounts.mapValues { $0.sorted().reduce(0, +) }
        let held = sums.filter { $1 > minAmount && $1.isFinite }.keys.sorted()
        #expect(
            (0..<clients.count).flatMap { client in
                holdings.pairs(ofClient: client).map {
                    ClientProduct(client: Int32(client), product: holdings.products[$0])
                }
            } == held)
        #expect(holdings.amounts == held.map { sums[$0] ?? 0 })
        infinite += sums.filter { !$1.isFinite }.keys
        let notHeld = sums.filter { $1.isFinite && $1 <= minAmount }.keys
        let negative = amounts.flatMap { pair, amounts in amounts.filter { $0 < 0 }.map { _ in pair } }
        let further = amounts.flatMap { pair, amounts in amounts.dropFirst().map { _ in pair } }
        for (found, expected) in [
            (quality.nullAmounts, nulls), (quality.notANumberAmounts, notNumbers), (quality.infiniteAmounts, infinite),
            (quality.pairsNotHeld, Array(notHeld)), (quality.negativeAmounts, negative),
            (quality.duplicateRows, further),
        ] {
            #expect(found.count == expected.count && found.examples == Array(Set(expected).sorted().prefix(5)))
        }
        #expect(quality.rowCount == rows.count && quality.rowsSummed == amounts.values.joined().count)
    }

    @Test func aLeastAmountBelowZeroIsAMistake() async {
        await #expect(processExitsWith: .failure) { _ = HoldingsBuilder(minAmount: -1) }
    }

    @Test func anOrderThatIsNoPermutationIsAMistake() async {
        await #expect(processExitsWith: .failure) {
            _ = try HoldingsBuilder().finish(clientOrder: [0, 0], productOrder: [])
        }
    }
}
