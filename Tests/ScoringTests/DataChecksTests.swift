import Configuration
import Recommending
import Testing

@testable import Configuration
@testable import Holdings
@testable import ResultStore
@testable import Scoring
@testable import SourceReading

/// Every finding: when it is found, how severe it is, how often it is counted, and which examples it names.
@Suite struct DataChecksTests {
    private typealias Row = (client: Int32, product: Int32, amount: Double?)

    /// Ten clients with two of three products each, about whom there is nothing to say but that.
    private static let goodRows: [Row] = (0..<10).flatMap { client in
        [(client, client % 3, 1), (client, (client + 1) % 3, 2)] as [Row]
    }

    private static func input(
        rows: [Row] = goodRows, clients: Int = 10, products: Int = 3, unavailable: [Int32] = [],
        exclusions: [Policy.Exclusion] = [], withoutKey: Int = 0, sections: [Finding] = []
    ) throws -> SourceInput {
        var ids = SourceIDs(IdentifierTypes(client: .text, product: .text))
        for client in 0..<clients { _ = try Array("c\(client)".utf8).withUnsafeBytes { try ids.insert(client: $0) } }
        for product in 0..<products {
            _ = try Array("p\(product)".utf8).withUnsafeBytes { try ids.insert(product: $0) }
        }
        var held = HoldingsRows(minAmount: 0, form: .double)
        held.count = rows.count + withoutKey
        held.withoutKey = withoutKey
        for row in rows { held.builder.add(client: row.client, product: row.product, amount: row.amount) }
        var draft = SourceInput.Draft(SourceOrder(ids))
        try held.finish(into: &draft)
        draft.unavailableProducts = unavailable
        draft.exclusions = exclusions
        draft.findings += sections
        return try SourceInput(draft)
    }

    private static func findings(
        _ input: SourceInput, previous: RunCounts? = nil, maxFall: Double = 0.2, maxRejected: Double = 0.001
    ) throws -> [Finding] {
        let limits = ["checks.max_fall=\(maxFall)", "checks.max_rejected=\(maxRejected)"]
        let configuration = try ServiceConfiguration(yaml: SmallWarehouse.yaml, overrides: limits)
        return DataChecks(input, previous: previous, limits: configuration.checks).findings()
    }

    private static func expect(
        _ code: Finding.Code, _ severity: Finding.Severity, _ occurrences: Int, _ examples: [String] = [],
        in findings: [Finding], sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) {
        let found = findings.filter { $0.code == code }
        #expect(found.count == 1, sourceLocation: sourceLocation)
        #expect(found.first?.severity == severity, sourceLocation: sourceLocation)
        #expect(found.first?.occurrences == occurrences, sourceLocation: sourceLocation)
        #expect(found.first?.examples == examples, sourceLocation: sourceLocation)
        #expect(found.first?.message.isEmpty == false, sourceLocation: sourceLocation)
    }

    @Test func goodDataHasNoFindings() throws {
        #expect(try Self.findings(try Self.input()).isEmpty)
    }

    @Test func sizes() throws {
        let nothing = try Self.findings(try Self.input(rows: [], clients: 0, products: 0))
        #expect(nothing.map(\.code) == [.emptySource])
        Self.expect(.emptySource, .error, 1, in: nothing)

        let one = try Self.findings(try Self.input(rows: [(0, 0, 1), (0, 1, 1)], clients: 1))
        Self.expect(.tooFewClients, .error, 1, in: one)
        let none = try Self.findings(try Self.input(rows: [(0, 0, 0), (1, 1, 0)]))
        Self.expect(.tooFewClients, .error, 0, in: none)
        Self.expect(.tooFewProducts, .error, 0, in: none)
        let oneProduct = try Self.findings(try Self.input(rows: [(0, 0, 1), (1, 0, 1)]))
        Self.expect(.tooFewProducts, .error, 1, in: oneProduct)
        #expect(!oneProduct.contains { $0.code == .tooFewClients })
    }

    @Test func amounts() throws {
        let odd: [Row] = [
            (1, 2, nil), (2, 2, .nan), (3, 2, .infinity), (3, 2, -.infinity), (4, 2, -1), (5, 0, -1), (5, 0, -2),
        ]
        let found = try Self.findings(try Self.input(rows: Self.goodRows + odd), maxRejected: 1)
        Self.expect(.nullAmount, .warning, 1, ["c1 / p2"], in: found)
        Self.expect(.nanAmount, .warning, 1, ["c2 / p2"], in: found)
        Self.expect(.infiniteAmount, .warning, 2, ["c3 / p2"], in: found)
        Self.expect(.negativeAmount, .warning, 3, ["c4 / p2", "c5 / p0"], in: found)
        // Rows of client 4 and 5 are further rows for pairs that they hold.
        let duplicates = found.first { $0.code == .duplicateHolding }
        #expect(duplicates?.severity == .info)
        #expect(!found.contains { $0.code == .tooManyRejected })
    }

    @Test func namesFiveExamplesAtMost() throws {
        let rows = Self.goodRows + Self.goodRows
        let found = try Self.findings(try Self.input(rows: rows))
        Self.expect(
            .duplicateHolding, .info, 20, ["c0 / p0", "c0 / p1", "c1 / p1", "c1 / p2", "c2 / p0"], in: found)
    }

    @Test(arguments: [(0.05, true), (0.09, false), (0, true), (1, false)])
    func rejectedRows(limit: Double, isRefused: Bool) throws {
        // Two of 22 rows are set aside: one for its amount, one for its key, which is not in the builder.
        let input = try Self.input(rows: Self.goodRows + [(1, 2, nil)], withoutKey: 1)
        let found = try Self.findings(input, maxRejected: limit == 0.09 ? 2.0 / 22 : limit)
        #expect(found.contains { $0.code == .tooManyRejected } == isRefused)
        if isRefused { Self.expect(.tooManyRejected, .error, 2, in: found) }
        Self.expect(.nullKey, .warning, 1, in: found)
    }

    /// What sections have found comes as they say it, among the rest, those that refuse first, then by code.
    @Test func asksTheSections() throws {
        let sections = [
            Finding(.unknownExclusion, .info, occurrences: 5, "exclusions"),
            Finding(.unknownClient, .warning, occurrences: 7, examples: ["c1", "c2"], "clients"),
            Finding(.ownComponent, .error, occurrences: 1, examples: ["p0"], "components"),
            Finding(.duplicateClient, .warning, occurrences: 2, "further rows"),
        ]
        let found = try Self.findings(try Self.input(products: 4, sections: sections))
        #expect(
            found.map(\.code) == [.ownComponent, .duplicateClient, .unknownClient, .heldByNobody, .unknownExclusion])
        #expect(sections.allSatisfy(found.contains))
    }

    @Test func nothingToOffer() throws {
        let everybody = try Self.input(exclusions: [Policy.Exclusion(client: nil, product: nil)])
        Self.expect(.nothingToOffer, .error, 1, in: try Self.findings(everybody))
        let everything = try Self.input(unavailable: [0, 1, 2])
        Self.expect(.nothingToOffer, .error, 1, in: try Self.findings(everything))
        let allButOne = try Self.input(
            unavailable: [0, 1], exclusions: (0..<9).map { Policy.Exclusion(client: $0, product: nil) })
        #expect(try !Self.findings(allButOne).contains { $0.code == .nothingToOffer })
    }

    @Test func falls() throws {
        let input = try Self.input()
        func codes(_ clients: Int, _ holdings: Int, maxFall: Double = 0.2) throws -> [Finding.Code] {
            let previous = RunCounts(clients: clients, clientsWithPortfolio: 1, products: 99, holdings: holdings)
            return try Self.findings(input, previous: previous, maxFall: maxFall).map(\.code)
        }
        #expect(try codes(10, 20) == [])
        #expect(try codes(1, 1) == [])
        #expect(try codes(12, 25) == [])
        #expect(try codes(13, 25) == [.fewerClients])
        #expect(try codes(12, 26) == [.fewerHoldings])
        #expect(try codes(1000, 1000, maxFall: 1) == [])
        let previous = RunCounts(clients: 100, clientsWithPortfolio: 1, products: 99, holdings: 20)
        Self.expect(.fewerClients, .error, 90, in: try Self.findings(input, previous: previous))
    }

    /// A snapshot is compared with its day and with the one before it, whether or not there was a run before.
    @Test func cutSnapshots() throws {
        func found(
            _ previous: HoldingsSnapshot.Size? = nil, day: HoldingsSnapshot.WholeDay? = nil, isCut: Bool = false,
            maxFall: Double = 0.2
        ) throws -> [Finding] {
            var input = try Self.input()
            input.snapshot = HoldingsSnapshot(
                date: "2026-11-30", size: .init(name: "2026-11-30 18:00", rows: 20, clients: 10), previous: previous,
                wholeDay: day, isCutByWindow: isCut)
            return try Self.findings(input, maxFall: maxFall)
        }
        func before(_ rows: Int, _ clients: Int) -> HoldingsSnapshot.Size {
            .init(name: "2026-11-29 18:00", rows: rows, clients: clients)
        }
        #expect(try found(before(25, 12)).isEmpty && found(before(5, 5)).isEmpty)
        for (rows, clients, missing) in [(26, 10, 6), (20, 13, 3)] {
            let cut = try found(before(rows, clients))
            Self.expect(.snapshotCut, .warning, missing, in: cut)
            #expect(
                cut[0].message.contains("2026-11-30 18:00 has 20 rows of 10 clients, that of 2026-11-29 18:00 had")
                    && cut[0].message.contains("\(rows) of \(clients)"))
        }
        #expect(try found(before(1000, 1000), maxFall: 1).isEmpty)

        let changed = HoldingsSnapshot.WholeDay(clients: 10, clientsMissing: 2, pairs: 20, pairsMissing: 4)
        #expect(try found(day: changed).isEmpty)
        Self.expect(.windowCutsLoad, .warning, 1, in: try found(day: changed, isCut: true))
        for (day, count) in [
            (HoldingsSnapshot.WholeDay(clients: 10, clientsMissing: 3, pairs: 20, pairsMissing: 4), 3),
            (HoldingsSnapshot.WholeDay(clients: 10, clientsMissing: 2, pairs: 20, pairsMissing: 5), 5),
        ] {
            let partial = try found(day: day, isCut: true)
            Self.expect(.partialLoad, .error, count, in: partial)
            #expect(partial.count == 1 && partial[0].message.contains("set holdings.as_of_window"))
            #expect(try found(day: day, maxFall: 0.5).isEmpty)
        }
    }

    @Test func shapes() throws {
        let few = try Self.findings(try Self.input(clients: 15, products: 5))
        Self.expect(.emptyPortfolios, .info, 5, in: few)
        Self.expect(.heldByNobody, .info, 2, ["p3", "p4"], in: few)
        let most = try Self.findings(try Self.input(clients: 21))
        Self.expect(.emptyPortfolios, .warning, 11, in: most)
        let everybody = try Self.findings(
            try Self.input(rows: Self.goodRows + (0..<10).map { ($0, 3, 1) }, products: 4))
        Self.expect(.heldByEverybody, .info, 1, ["p3"], in: everybody)
    }
}
