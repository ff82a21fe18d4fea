import SourceReading
import Testing

@testable import Configuration

/// Holdings that are the sums of transactions: what belongs to them, and what does not go with them.
@Suite struct TransactionConfigurationTests {
    private static func yaml(_ rest: String) -> String {
        "holdings:\n  relation: dwh.trades\n  client: c\n  product: p\n  kind: transactions\n" + rest
    }

    private static func holdings(_ rest: String, overrides: [String] = []) throws -> HoldingsMapping {
        try ServiceConfiguration(yaml: yaml(rest), overrides: overrides).source.holdings
    }

    @Test func signedAmounts() throws {
        let holdings = try Self.holdings("  amount: a\n  trade_date: d")
        #expect(holdings.kind == .transactions(nil))
        #expect(holdings.dating == .trades(column: "d"))
        #expect(holdings.isDated)
    }

    @Test(arguments: [
        "  sides: {buy: [B, BUY], sell: S}", "  sides:\n    buy: [B, BUY]\n    sell: [S]",
        "  sides.buy: [B, BUY]\n  sides.sell: [S]",
    ])
    func wordsOfASide(sides: String) throws {
        let holdings = try Self.holdings("  amount: a\n  trade_date: d\n  side: s\n" + sides)
        #expect(holdings.kind == .transactions(.init(column: "s", buy: ["B", "BUY"], sell: ["S"])))
        // Without an amount, every row counts as 1.
        _ = try Self.holdings("  trade_date: d\n  side: s\n" + sides)
    }

    @Test func theyAreOpenToTheCommandLineAndTheEnvironment() throws {
        let yaml = Self.yaml("  amount: a\n  trade_date: d\n  side: s\n  sides: {buy: [x], sell: [y]}")
        let holdings = try ServiceConfiguration(
            yaml: yaml, environment: ["PEERFOLIO_HOLDINGS_SIDES_SELL": "S,SELL"],
            overrides: ["holdings.sides.buy=B"]
        ).source.holdings
        #expect(holdings.kind == .transactions(.init(column: "s", buy: ["B"], sell: ["S", "SELL"])))
    }

    @Test func aRunRecordsThem() throws {
        let yaml = Self.yaml("  amount: a\n  trade_date: d\n  side: s\n  sides: {buy: [B], sell: [S]}")
        let recorded = try ServiceConfiguration(yaml: yaml).recordedJSON()
        #expect(recorded.contains(#""kind":"transactions""#))
        #expect(recorded.contains(#""sides.buy":["B"],"sides.sell":["S"],"trade_date":"d""#))
        #expect(try ConfigurationSettings(recorded: recorded).json { $0 != .nothing } == recorded)
    }

    /// A calibration belongs to the recorded values, so holdings that are positions must be recorded as ever.
    @Test func positionsAreRecordedAsBefore() throws {
        let configuration = try ServiceConfiguration(yaml: ConfigurationErrorTests.holdings)
        #expect(configuration.source.holdings.kind == .positions)
        #expect(
            configuration.modelJSON().contains(
                #""holdings":{"client":"c","min_amount":0,"product":"p","relation":"dwh.h"}"#))
    }

    @Test func aQueryIsDatedByItself() throws {
        let query =
            "holdings: {client: c, product: p, amount: a, kind: transactions, query: \"select 1 where d <= :as_of\"}"
        let holdings = try ServiceConfiguration(yaml: query).source.holdings
        #expect(holdings.kind == .transactions(nil) && holdings.dating == .undated && holdings.isDated)
    }

    @Test(arguments: [
        (
            "  amount: a",
            "holdings.trade_date (peerfolio.yaml:1): missing; name the column with the day of each transaction"
        ),
        (
            "  trade_date: d",
            "holdings.amount (peerfolio.yaml:1): missing; name the column with the signed amount of each transaction, or the column in holdings.side that says whether it adds"
        ),
        (
            "  amount: a\n  trade_date: d\n  as_of: x",
            "holdings.as_of (peerfolio.yaml:8): cannot stand together with holdings.kind (peerfolio.yaml:5): transactions count up to their day, which is in holdings.trade_date"
        ),
        (
            "  amount: a\n  trade_date: d\n  valid_from: x\n  valid_to: y",
            "holdings.valid_from (peerfolio.yaml:8): cannot stand together with holdings.kind (peerfolio.yaml:5): transactions count up to their day, which is in holdings.trade_date"
        ),
        (
            "  amount: a\n  trade_date: d\n  valid_to: y",
            "holdings.valid_to (peerfolio.yaml:8): cannot stand together with holdings.kind (peerfolio.yaml:5): transactions count up to their day, which is in holdings.trade_date"
        ),
        (
            "  amount: a\n  trade_date: d\n  side: s",
            "holdings.sides.buy (peerfolio.yaml:1): missing; list the words in holdings.side that add"
        ),
        (
            "  amount: a\n  trade_date: d\n  side: s\n  sides: {buy: B}",
            "holdings.sides.sell (peerfolio.yaml:1): missing; list the words in holdings.side that take away"
        ),
        (
            "  amount: a\n  trade_date: d\n  sides: {sell: B}",
            "holdings.side (peerfolio.yaml:1): missing; name the column that has the words of holdings.sides.sell"
        ),
        (
            "  amount: a\n  trade_date: d\n  side: s\n  sides: {buy: [B, x], sell: [S, ' X']}",
            "holdings.sides.sell (peerfolio.yaml:9): has a word that is in holdings.sides.buy as well; neither case nor white space around it matters"
        ),
        (
            "  trade_date: d\n  sides: {bye: [B]}",
            "holdings.sides.bye (peerfolio.yaml:7): unknown key; did you mean holdings.sides.buy?"
        ),
        ("  trade_date: d\n  sides: 5", "holdings.sides (peerfolio.yaml:7): expected a section with keys, found text"),
        (
            "  sides: {buy: [B]}\n  sides.buy: [B]",
            "holdings.sides.buy (peerfolio.yaml:7): the key occurs more than once in its section; keep one of them"
        ),
        (
            "  side: s\n  sides: {buy: [B, B], sell: [S]}",
            "holdings.sides.buy (peerfolio.yaml:7): expected a list of different words, found a word that comes twice"
        ),
    ])
    func namesWhatIsWrong(rest: String, description: String) {
        #expect(ConfigurationErrorTests.error(Self.yaml(rest))?.description == description)
    }

    @Test(arguments: [
        ("trade_date: d", "trade_date"), ("side: s", "side"), ("sides: {buy: B}", "sides.buy"),
        ("sides: {sell: S}", "sides.sell"), ("kind: positions\n  trade_date: d", "trade_date"),
    ])
    func positionsHaveNoneOfIt(line: String, key: String) {
        let error = ConfigurationErrorTests.error(
            "holdings:\n  relation: h\n  client: c\n  product: p\n  amount: a\n  \(line)")
        #expect(error?.key == "holdings.\(key)")
        #expect(
            error?.message == "belongs to transactions: set holdings.kind to transactions, or leave it out")
    }

    @Test func aProductPerColumnAndAQueryWithADayAreRefused() {
        let wide = "holdings: {relation: h, client: c, products: \"p*\", kind: transactions, trade_date: d}"
        #expect(
            ConfigurationErrorTests.error(wide)?.description
                == "holdings.products (peerfolio.yaml:1): cannot stand together with holdings.kind (peerfolio.yaml:1): a transaction has one product: name its column in holdings.product"
        )
        let query = "holdings: {query: select 1, client: c, product: p, amount: a, kind: transactions, trade_date: d}"
        #expect(
            ConfigurationErrorTests.error(query)?.description
                == "holdings.trade_date (peerfolio.yaml:1): cannot stand together with holdings.query (peerfolio.yaml:1): a query is dated by using :as_of in it; date columns need a relation"
        )
        #expect(
            ConfigurationErrorTests.error("holdings: {relation: h, client: c, product: p, kind: trades}")?.key
                == "holdings.kind")
    }
}
