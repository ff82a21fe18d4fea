import Evaluation
import Holdings
import ResultStore
import SourceReading
import TestSupport
import Testing

@testable import Scoring

/// Runs, checks, explanations and evaluations on transactions, beside the same on the snapshots that SQL sums of them.
@Suite(.requiresServer) struct TransactionRunTests {
    /// 200 clients of two kinds who buy in parts, some of whom have sold all of a product by the middle of 2026.
    private static let tables = """
        create table dwh.trades (
            client_id bigint, product_id text, quantity numeric(18, 2), traded_on date, direction text);
        insert into dwh.trades
        select c, 'P' || (c % 2) * 6 + p, q, d, 'Buy'
        from generate_series(1, 200) c, generate_series(0, 5) p,
             (values ('2024-12-15'::date, 2), ('2025-06-15', 3), ('2025-12-15', 4)) t(d, size), (values (0.1), (0.2)) a(q)
        where (p + c / 2) % 6 < size;
        insert into dwh.trades
        select client_id, product_id, sum(quantity), '2026-06-01', 'SELL' from dwh.trades
        where client_id % 7 = 0 and product_id in ('P1', 'P7') group by 1, 2;
        insert into dwh.trades select client_id, 'P3', 9, '2026-07-01', 'Buy' from dwh.trades group by 1;

        create table dwh.holdings as
        select day::date, client_id, product_id,
               sum(case direction when 'Buy' then quantity else -quantity end) as quantity
        from unnest(array['2025-01-01', '2025-07-01', '2026-01-01', '2026-06-30']::date[]) day
        join dwh.trades on traded_on <= day
        group by 1, 2, 3;
        """

    private static let trades = """
        holdings:
          {relation: dwh.trades, client: client_id, product: product_id, amount: quantity, kind: transactions,
           trade_date: traded_on, side: direction, sides: {buy: BUY, sell: SELL}}
        """
    private static let snapshots =
        "holdings: {relation: dwh.holdings, client: client_id, product: product_id, amount: quantity, as_of: day}"

    private static let model = "\nmodel: {k: 20}\nhybrid: {peers: 1, recency: 1, recent_days: 250}"

    @Test func aRunIsThatOnSnapshots() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            func lists() async throws -> [[String?]] {
                try await database.rows(
                    "select client_id, rank, product_id, score from peerfolio_bi.recommendations order by 1, 2")
            }
            let expected = try await database.run(Self.snapshots + Self.model)
            let snapshots = try await lists()
            let summary = try await database.run(Self.trades + Self.model)
            #expect(try await lists() == snapshots)
            #expect(summary.holdings == expected.holdings && summary.distinctPortfolios == expected.distinctPortfolios)
            // Client 14 has sold P1, and neither what was closed nor what comes after the day is held.
            #expect(
                try await database.value("select portfolio_size from peerfolio_bi.clients where client_id = 14") == "3")
            let explanation = try await Explainer(try database.installation(Self.trades + Self.model)).explain(
                client: "14")
            #expect(explanation.isSameInput == true && explanation.portfolio.count == 3)

            let installation = try database.installation(Self.trades + Self.model)
            let report = try await ServiceCheck(installation).report(asOf: BusinessDate("2026-06-30"))
            #expect(report.findings.allSatisfy { $0.severity == .info } && report.refusal == nil)
            #expect(report.holdings == summary.holdings)
        }
    }

    @Test func anEvaluationIsThatOnSnapshots() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            func evaluate(_ yaml: String) async throws -> EvaluationReport {
                let history = EvaluationOptions.History.dates(
                    train: try #require(BusinessDate("2025-07-01")), test: try #require(BusinessDate("2026-01-01")),
                    windows: 2)
                return try await Evaluator(
                    try database.installation(yaml + "\nmodel: {k: 20}"), options: EvaluationOptions(history: history)
                ).evaluate()
            }
            let trades = try await evaluate(Self.trades)
            let snapshots = try await evaluate(Self.snapshots)
            #expect(
                trades.figures.clients == snapshots.figures.clients && trades.figures.pairs == snapshots.figures.pairs)
            for method in ["peers", "popularity"] {
                let values = { (report: EvaluationReport) in report.figures.methods[method]?.mapValues(\.value) }
                #expect(values(trades) == values(snapshots) && values(trades)?.isEmpty == false)
            }
        }
    }

    /// A word of which nobody knows what it does ends runs and evaluations alike.
    @Test func anUnknownWordRefuses() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            try await database.execute("update dwh.trades set direction = 'DIV' where client_id = 3")
            let refused = await #expect(throws: ScoringError.self) { try await database.run(Self.trades) }
            #expect(refused?.code == .dataRefused)
            #expect(refused?.findings.map(\.code) == [.tooManyRejected, .unknownSide])
            #expect(refused?.findings.last?.examples == ["DIV"])
            #expect(refused?.message.contains("holdings.sides.buy") == true)
            let evaluation = await #expect(throws: ScoringError.self) {
                try await Evaluator(
                    try database.installation(Self.trades), options: EvaluationOptions(history: .leaveOneOut)
                ).evaluate()
            }
            #expect(evaluation?.findings.map(\.code) == [.unknownSide])
        }
    }

    /// A client who has bought 0.10 and 0.20 of a product and sold 0.30 of it holds nothing of it.
    @Test(arguments: ["amount numeric(18, 2)", "amount double precision", "amount money"])
    func aPositionClosedInCentsIsNotHeld(column: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, \(column));
                insert into dwh.holdings
                select c, p, '100' from (values (1, 'A'), (1, 'B'), (2, 'A'), (2, 'B'), (2, 'C'), (3, 'A'), (3, 'C'),
                    (4, 'B'), (4, 'C'), (5, 'A'), (5, 'B'), (5, 'D'), (6, 'C'), (6, 'D')) v(c, p);
                insert into dwh.holdings values (7, 'A', '0.10'), (7, 'A', '0.20'), (7, 'A', '-0.30'), (7, 'B', '50');
                """)
            try await database.run(SmallWarehouse.yaml)
            #expect(
                try await database.rows(
                    """
                    select portfolio_size, (select holders from peerfolio.run_products where product_id = 'A')
                    from peerfolio_bi.clients where client_id = 7
                    """) == [["1", "4"]])
        }
    }
}
