import TestSupport
import Testing

@testable import Holdings

/// Sums of amounts: exact for decimals, and for floating point numbers as exact as the numbers are.
@Suite("Sums of amounts") struct AmountSumTests {
    /// What is held of one product by a client with these amounts, nil for nothing.
    private static func held(
        _ amounts: [Double], _ form: AmountForm = .double, minAmount: Double = 0
    ) throws -> Double? {
        var builder = HoldingsBuilder(minAmount: minAmount, form: form)
        for amount in amounts { builder.add(client: 0, product: 0, amount: amount) }
        return try builder.finish(clientOrder: [0], productOrder: [0]).holdings.amounts.first
    }

    /// Beside whole numbers of 128 bits, which hold the sum of eight of the longest in units of 10000^-5.
    @Test(arguments: TestSeed.list(300))
    func decimalsAreSummedExactly(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            var sum = DecimalSum()
            var expected: Int128 = 0
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let places = Int.random(in: 0...5, using: &random)
                let most = Int64(1) << Int64.random(in: 0...53, using: &random)
                let units = Int64.random(in: -most...most, using: &random)
                sum.add(units: units, places: places)
                expected += (places..<5).reduce(Int128(units)) { units, _ in units * 10_000 }
            }
            // Double's own reading of decimal text rounds correctly.
            #expect(sum.value == Double("\(expected)e-20"))
            // What is left of a number when all of it is taken away again, in whatever pieces.
            let negated = -expected
            for weight in 0..<10 {
                let group = negated / (0..<weight).reduce(Int128(1)) { power, _ in power * 10_000 } % 10_000
                sum.add(Int64(group), weight: weight - 5)
            }
            #expect(sum.value == 0)
        }
    }

    @Test func numbersOfAnyLengthAreSummedExactly() throws {
        var builder = HoldingsBuilder(form: .decimal)
        func long(_ sign: Bool, _ weight: Int16, _ digits: Int16...) -> Amount {
            builder.longDecimal(isNegative: sign, weight: weight, digits: digits)
        }
        let rows: [(product: Int32, amount: Amount)] = [
            // 10^240 + 10^-240 - 10^240
            (0, long(false, 60, 1)), (0, long(false, -60, 1)), (0, long(true, 60, 1)),
            // 1 - 10^-40, and 10^-40
            (1, .one), (1, long(true, -10, 1)), (1, long(false, -10, 1)),
            // Closed, with carries all the way.
            (2, long(false, 2, 9999, 9999, 9999, 9999)), (2, long(false, -1, 1)), (2, long(true, 3, 1)),
            (3, long(true, 20, 5)), (3, .one),
            (4, builder.decimal(.max)), (4, builder.decimal(.min)), (4, builder.decimal(2)),
            (5, builder.decimal(.min, isNegated: true)), (5, builder.decimal(.max, isNegated: true)),
        ]
        for row in rows { builder.add(client: 0, product: row.product, amount: row.amount) }
        let (holdings, quality) = try builder.finish(clientOrder: [0], productOrder: [0, 1, 2, 3, 4, 5])
        #expect(holdings.products == [0, 1, 4, 5])
        #expect(holdings.amounts == [1e-240, 1, 1, 1])
        #expect(quality.negativeSums.examples == [.init(client: 0, product: 3)])
        #expect(quality.pairsNotHeld.count == 2)
    }

    @Test func decimalsBeyondDoublePrecisionAreInfinite() {
        var builder = HoldingsBuilder(form: .decimal)
        #expect(builder.longDecimal(isNegative: true, weight: 77, digits: [2]) == .infinite)
        #expect(builder.longDecimal(isNegative: false, weight: 77, digits: [1]) != .infinite)
        #expect(builder.longDecimal(isNegative: false, weight: -78, digits: [1]) == .infinite)
        #expect(builder.longDecimal(isNegative: false, weight: 4000, digits: []) != .infinite)
    }

    @Test(
        arguments: [
            ([0.1, 0.2, -0.3], nil), ([0.1, 0.2, 0.3, -0.6], nil), ([1e9, 0.01, -1e9], 0.01),
            ([1e12, 0.01, -1e12], 0.01), ([1e15, 1, -1e15], 1), ([9007199254740991, -9007199254740990], 1),
            ([1e308, 1e308, -1e308, -1e308, 5], nil), ([1.7e308, 1.7e308, -1.7e308], 1.7e308), ([1e308, -1e308], nil),
            ([.leastNonzeroMagnitude, -.leastNonzeroMagnitude], nil), ([0.1, 0.2], 0.3), ([-0.1, -0.2, 0.3], nil),
        ] as [([Double], Double?)])
    func doublesAreClosedWithinTheirRounding(amounts: [Double], expected: Double?) throws {
        let sum = try Self.held(amounts)
        #expect(sum == expected || zip(sum, expected).map { abs($0 - $1) <= 1e-6 * $1 } == true)
        #expect(try Self.held(amounts.reversed()) == sum)
    }

    @Test(
        arguments: [
            ([0.1, 0.2, -0.3], nil), ([1e5, 0.5, -1e5], 0.5), ([10_000_000, 1, -10_000_000], 1), ([0.1, -0.1], nil),
            ([33.33, 66.67, -100], nil), ([1e6, 0.01, -1e6], nil),
        ] as [([Float], Double?)])
    func singlePrecisionHasItsOwnRounding(amounts: [Float], expected: Double?) throws {
        #expect(try Self.held(amounts.map(Double.init), .real) == expected)
    }

    /// Positions in cents that are closed, by the decimal or by what somebody's own additions gave, or up to one cent.
    @Test(arguments: TestSeed.list(200), [AmountForm.double, .real])
    func positionsInCentsAreClosedAndCentsAreLeft(seed: UInt64, form: AmountForm) throws {
        var random = SeededGenerator(seed: seed)
        func read(_ cents: Int) -> Double { form == .real ? Double(Float(cents) / 100) : Double(cents) / 100 }
        for _ in 0..<20 {
            // The cents that the format can tell apart.
            let most = form == .real ? 10_000 : 1_000_000_000
            let cents = (0..<Int.random(in: 1...40, using: &random)).map { _ in Int.random(in: 1...most, using: &random)
            }
            let amounts = cents.map(read)
            let total = cents.reduce(0, +)
            #expect(try Self.held((amounts + [-read(total)]).shuffled(using: &random), form) == nil)
            let added =
                form == .real ? Double(amounts.reduce(Float(0)) { $0 + Float($1) }) : amounts.reduce(0, +)
            #expect(try Self.held(amounts + [-added], form) == nil)
            #expect(try Self.held([added] + amounts.map { -$0 }, form) == nil)
            let left = try #require(try Self.held(amounts + [-read(total - 100)], form))
            #expect(abs(left - 1) < 0.1)
            if form == .double {
                let cent = try #require(try Self.held(amounts + [-read(total - 1)]))
                #expect(abs(cent - 0.01) < 1e-4)
            }
        }
    }

    @Test func theLeastAmountIsComparedWithinRounding() throws {
        #expect(try Self.held([0.1, 0.2], minAmount: 0.3) == nil)
        #expect(try Self.held([0.1, 0.2, 1e-9], minAmount: 0.3) != nil)
        #expect(try Self.held([0.3], minAmount: 0.3) == nil)
        #expect(try Self.held([0.30000000000000004], minAmount: 0.3) != nil)
        var builder = HoldingsBuilder(minAmount: 0.3, form: .decimal)
        let tenths = [1, 2, 1, 3].map { Amount.decimal(PackedDecimal($0 * 1000, 1)) }
        for (product, amount) in zip([0, 0, 1, 1] as [Int32], tenths) {
            builder.add(client: 0, product: product, amount: amount)
        }
        let held = try builder.finish(clientOrder: [0], productOrder: [0, 1]).holdings
        #expect(held.products == [1] && held.amounts == [0.4])
    }

    /// Each product's own column decides how its amounts are summed.
    @Test func productsHaveFormsOfTheirOwn() throws {
        var builder = HoldingsBuilder(form: .decimal)
        for (product, form) in [AmountForm.double, .real].enumerated() {
            builder.setForm(form, ofProduct: Int32(product))
        }
        for amount in [0.1, 0.2, -0.3] {
            builder.add(client: 0, product: 0, amount: amount)
            builder.add(client: 0, product: 1, amount: Double(Float(amount)))
            builder.add(client: 0, product: 2, amount: .decimal(PackedDecimal(Int64((amount * 1e4).rounded()), 1)))
            builder.add(client: 0, product: 2, amount: .one)
        }
        let (holdings, quality) = try builder.finish(clientOrder: [0], productOrder: [2, 0, 1])
        #expect(holdings.products == [1] && holdings.amounts == [3])
        #expect(quality.pairsNotHeld.count == 2 && quality.negativeSums.count == 0)
        #expect(quality.negativeAmounts.count == 3 && quality.duplicateRows.count == 9)
    }
}

private func zip(_ left: Double?, _ right: Double?) -> (Double, Double)? {
    if let left, let right { (left, right) } else { nil }
}
