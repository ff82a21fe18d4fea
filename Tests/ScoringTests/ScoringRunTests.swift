import Configuration
import Foundation
import Holdings
import Postgres
import ResultStore
import Synchronization
import TestSupport
import Testing

@testable import Scoring

/// The job from read to publish, as a login role with a runner's rights.
@Suite(.requiresServer) struct ScoringRunTests {
    private static let asOf = BusinessDate("2026-06-30")

    @Test func summaryRunLogAndViewsAgree() async throws {
        try await TestServer.withMigratedDatabase { database in
            let yaml = try await database.loadDemo(clientCount: 500)
            let log = EventLog()
            let summary = try await database.run(yaml) { log.add($0) }
            #expect(summary.status == "succeeded")
            #expect(summary.published)
            #expect(summary.clients == 500)
            #expect(summary.products == 31)
            #expect(summary.asOf == "2026-06-30")
            #expect(summary.change == nil)
            #expect(log.phases == [.read, .encode, .search, .write, .check, .publish, .done])
            #expect(log.warnings == [])
            #expect(log.findings.count == summary.findings)

            let runID = try #require(summary.runID)
            let row = try await database.rows(
                """
                select run_id, status, as_of_date, clients, clients_with_portfolio, products, holdings,
                       distinct_portfolios, recommendations, findings, kernel, width, is_live, phase
                from peerfolio_bi.run_history
                """, as: .reader)
            #expect(
                row == [
                    [
                        "\(runID)", "succeeded", "2026-06-30", "500", "\(summary.clientsWithPortfolio)", "31",
                        "\(summary.holdings)", "\(summary.distinctPortfolios)", "\(summary.recommendations)",
                        "\(summary.findings)", summary.kernel, "\(summary.width)", "t", "done",
                    ]
                ])
            let views = try await database.rows(
                """
                select (select count(*) from peerfolio_bi.clients),
                       (select count(*) from peerfolio_bi.clients where portfolio_size > 0),
                       (select count(*) from peerfolio_bi.product_demand),
                       (select sum(portfolio_size) from peerfolio_bi.clients),
                       (select sum(holders) from peerfolio_bi.product_demand),
                       (select count(*) from peerfolio_bi.recommendations),
                       (select count(*) from peerfolio_bi.top_suggestions),
                       (select sum(suggested_clients) from peerfolio_bi.product_demand),
                       (select count(*) from peerfolio_bi.run_findings)
                """, as: .reader)
            let (holdings, recommendations) = ("\(summary.holdings)", "\(summary.recommendations)")
            #expect(
                views == [
                    [
                        "500", "\(summary.clientsWithPortfolio)", "31", holdings, holdings, recommendations,
                        recommendations, recommendations, "\(summary.findings)",
                    ]
                ])
            // What is held, what is not available and what is excluded is not suggested.
            let wrong = try await database.value(
                """
                select count(*) from peerfolio_bi.recommendations r
                where exists (select from demo.client_holdings h where h.client_id = r.client_id
                                and h.product_id = r.product_id and h.valid_from <= '2026-06-30'
                                and (h.valid_to is null or h.valid_to > '2026-06-30') and h.market_value > 0)
                   or exists (select from demo.products p where p.product_id = r.product_id and not is_available)
                   or exists (select from demo.exclusions e
                              where coalesce(e.client_id, r.client_id) = r.client_id
                                and coalesce(e.product_id, r.product_id) = r.product_id)
                """)
            #expect(wrong == "0")
            // Nobody who may be offered something is left with an empty list, and ranks have no gaps.
            let empty = try await database.value(
                """
                select count(*) from peerfolio_bi.clients k
                where k.status <> 'excluded'
                  and not exists (select from peerfolio_bi.recommendations r where r.client_id = k.client_id and rank = 1)
                """)
            #expect(empty == "0")
            let gaps = try await database.value(
                """
                select count(*) from (
                    select rank, row_number() over (partition by client_id order by score desc, rank) as place
                    from peerfolio_bi.recommendations) r where rank <> place
                """)
            #expect(gaps == "0")
        }
    }

    /// The same warehouse gives the same rows, whatever the chunks and workers, and says that nothing has changed.
    @Test func aSecondRunGivesTheSameRows() async throws {
        let content = """
            select md5(string_agg(format('%s %s %s %s %s %s %s', client_id, rank, product_id, score, peers, peers_holding,
                                         reason_code), e'\\n' order by client_id, rank)) from peerfolio_bi.recommendations
            """
        try await TestServer.withMigratedDatabase { database in
            let yaml = try await database.loadDemo(clientCount: 500)
            let first = try await database.run(yaml)
            let before = try await database.value(content)
            let second = try await database.run(yaml, overrides: ["execution.chunk=7", "execution.width=5"])
            #expect(try await database.value(content) == before)
            #expect(second.width == 5)
            #expect(second.change?.previousRunID == first.runID)
            #expect(second.change?.firstChoiceChanged == 0)
            #expect(second.change?.clients == 0)
            let distinct = try await database.rows(
                "select count(distinct input_fingerprint), count(distinct config_hash) from peerfolio.runs")
            #expect(distinct == [["1", "1"]])
        }
    }

    @Test func aDryRunWritesNothing() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            let before = try await database.rowCounts()
            let summary = try await database.run(
                SmallWarehouse.yaml, options: RunOptions(asOf: Self.asOf, isDryRun: true))
            #expect(summary.status == "dry_run")
            #expect(summary.runID == nil)
            #expect(!summary.published)
            #expect(summary.clients == 20)
            #expect(summary.recommendations > 0)
            #expect(try await database.rowCounts() == before)
            // Not even a number was drawn for a run.
            let next = try await database.run(SmallWarehouse.yaml)
            #expect(next.runID == 1)
            #expect(next.recommendations == summary.recommendations)
        }
    }

    @Test func aDryRunNeedsNoInstallation() async throws {
        try await TestServer.withDatabase { conninfo in
            let connection = try await PostgresConnection.open(ConnectionSettings(conninfo: conninfo))
            try await connection.withSession { session in
                try session.executeScript("create schema dwh; \(SmallWarehouse.tables)")
            }
            let configuration = try ServiceConfiguration(
                yaml: SmallWarehouse.yaml, overrides: ["connection=\(conninfo)"])
            let installation = try Installation(configuration)
            let summary = try await ScoringRun(installation, options: RunOptions(asOf: Self.asOf, isDryRun: true))
                .execute()
            #expect(summary.clients == 20)
            let schemas = try await connection.withSession { session in
                try session.execute("select from pg_namespace where nspname like 'peerfolio%'").rows.count
            }
            #expect(schemas == 0)
            await connection.close()
        }
    }

    @Test func keepsAResultUnpublishedUntilTold() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            let summary = try await database.run(
                SmallWarehouse.yaml, options: RunOptions(asOf: Self.asOf, publishes: false))
            #expect(summary.status == "succeeded")
            #expect(!summary.published)
            #expect(try await database.published() == [])
            let runID = try #require(summary.runID)
            try await database.withSession(as: .runner) { session in
                try Publication.publish(runID: runID, channel: "live", session: session)
            }
            #expect(try await database.published() == [["\(runID)", "\(summary.recommendations)"]])
        }
    }

    /// A relation that disappears between the plan and the read, or whatever else the server says: recorded, with its code.
    @Test func anErrorOfTheServerIsRecorded() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            let first = try await database.run(SmallWarehouse.yaml)
            let yaml = """
                holdings:
                  query: select client_id, product_id, (amount / (amount - 1))::numeric as amount from dwh.holdings
                  client: client_id
                  product: product_id
                  amount: amount
                """
            let error = await #expect(throws: PostgresError.self) { try await database.run(yaml) }
            #expect(error?.sqlState == "22012")
            let row = try await database.rows(
                "select status, reason_code, error_sqlstate, slot, recommendations from peerfolio.runs order by run_id desc limit 1"
            )
            #expect(row == [["failed", "DATABASE_ERROR", "22012", nil, nil]])
            #expect(try await database.published() == [["1", "\(first.recommendations)"]])
        }
    }

    @Test(arguments: [RunPhase.read, .encode, .search, .write, .check])
    func aCancelledRunLeavesThePublishedOne(phase: RunPhase) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            let first = try await database.run(SmallWarehouse.yaml)
            let (known, signal) = AsyncStream<Void>.makeStream()
            let held = Mutex<Task<RunSummary, any Error>?>(nil)
            let run = Task {
                for await _ in known { break }
                return try await database.run(SmallWarehouse.yaml) { event in
                    // Here and now, so that nothing of the phase comes before.
                    if case .phase(phase) = event { held.withLock { $0 }?.cancel() }
                }
            }
            held.withLock { $0 = run }
            signal.yield()
            await #expect(throws: CancellationError.self) { _ = try await run.value }
            let row = try await database.rows(
                "select status, reason_code, slot, finished_at is not null from peerfolio.runs where run_id = 2")
            #expect(row == [["cancelled", "CANCELLED", nil, "t"]])
            #expect(try await database.published() == [["1", "\(first.recommendations)"]])
            #expect(try await database.value("select count(distinct run_id) from peerfolio.recommendations") == "1")
            let again = try await database.run(SmallWarehouse.yaml)
            #expect(again.published)
        }
    }

    @Test func aRunEndsAtItsTimeout() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            let yaml = """
                holdings:
                  query: select h.* from dwh.holdings h, lateral (select pg_sleep(1.0 + 0 * client_id)) s
                  client: client_id
                  product: product_id
                """
            let error = await #expect(throws: ScoringError.self) {
                try await database.run(yaml, overrides: ["timeouts.run=300ms"])
            }
            #expect(error?.code == .runTimeout)
            #expect(error?.message.contains("timeouts.run") == true)
            let row = try await database.rows("select status, reason_code, slot from peerfolio.runs")
            #expect(row == [["failed", "RUN_TIMEOUT", nil]])
        }
    }

    @Test func aStatementEndsAtItsTimeout() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            let yaml = """
                holdings:
                  query: select h.* from dwh.holdings h, lateral (select pg_sleep(1.0 + 0 * client_id)) s
                  client: client_id
                  product: product_id
                """
            let error = await #expect(throws: PostgresError.self) {
                try await database.run(yaml, overrides: ["timeouts.statement=200ms"])
            }
            #expect(error?.sqlState == "57014")
            #expect(try await database.value("select status from peerfolio.runs") == "failed")
        }
    }

    /// A heartbeat that finds the run ended by somebody else stops it.
    @Test func aRunThatLostItsFenceStops() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables + SmallWarehouse.gate)
            try await database.whileShut {
                let run = Task {
                    try await database.run(SmallWarehouse.gatedYAML, overrides: ["timeouts.lease=1200ms"])
                }
                try await database.wait(untilTrue: "select count(*) = 1 from peerfolio.runs where status = 'running'")
                try await database.execute(
                    "update peerfolio.runs set status = 'failed', reason_code = 'BY_HAND', finished_at = clock_timestamp()"
                )
                let error = await #expect(throws: RunError.self) { _ = try await run.value }
                #expect(error?.code == .fenceLost)
            }
            #expect(try await database.value("select reason_code from peerfolio.runs") == "BY_HAND")
            #expect(try await database.published() == [])
        }
    }

    @Test func anotherRunGoingOnIsAnError() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables + SmallWarehouse.gate)
            var run: Task<RunSummary, any Error>?
            try await database.whileShut {
                let first = Task { try await database.run(SmallWarehouse.gatedYAML) }
                try await database.wait(untilTrue: "select count(*) = 1 from peerfolio.runs where status = 'running'")
                let error = await #expect(throws: RunError.self) { try await database.run(SmallWarehouse.gatedYAML) }
                #expect(error?.code == .alreadyRunning)
                run = first
            }
            #expect(try await run?.value.published == true)
            #expect(try await database.value("select count(*) from peerfolio.runs") == "1")
        }
    }
}
