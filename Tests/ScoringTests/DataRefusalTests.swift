import Holdings
import ResultStore
import TestSupport
import Testing

@testable import Scoring

/// Data that refuses a run, and what `--force` makes of it.
@Suite(.requiresServer) struct DataRefusalTests {
    private static let asOf = BusinessDate("2026-06-30")

    private static let defects: [(Finding.Code, String)] = [
        (.emptySource, "delete from dwh.holdings"),
        (.tooFewClients, "delete from dwh.holdings where client_id > 1"),
        (.tooFewProducts, "update dwh.holdings set product_id = 'P1'"),
        (.tooManyRejected, "update dwh.holdings set amount = 'NaN' where client_id = 1"),
        (.fewerClients, "delete from dwh.holdings where client_id > 15"),
        (.fewerHoldings, "delete from dwh.holdings where client_id > 1 and product_id in ('P0', 'P3')"),
        (.nothingToOffer, "insert into dwh.exclusions values (null, null, 'all')"),
    ]

    private static let yaml =
        SmallWarehouse.yaml + "\nexclusions: {query: \"select client_id, product_id, reason from dwh.exclusions\"}"

    private static let tables =
        SmallWarehouse.tables + "create table dwh.exclusions (client_id bigint, product_id text, reason text);"

    @Test(arguments: defects)
    func refuses(code: Finding.Code, change: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let first = try await database.run(Self.yaml)
            try await database.execute(change)
            let log = EventLog()
            let error = await #expect(throws: ScoringError.self) {
                try await database.run(Self.yaml) { log.add($0) }
            }
            #expect(error?.code == .dataRefused)
            #expect(error?.findings.map(\.code).contains(code) == true, "\(error?.message ?? "")")
            #expect(error?.findings.allSatisfy { $0.severity == .error } == true)
            #expect(error?.message.contains(code.rawValue) == true)
            #expect(error?.message.contains("--force") == true)
            #expect(log.phases == [.read])
            let row = try await database.rows(
                "select status, reason_code, is_forced, slot, input_fingerprint is not null from peerfolio.runs where run_id = 2"
            )
            #expect(row == [["failed", "DATA_REFUSED", "f", nil, "t"]])
            let stored = try await database.rows(
                "select severity from peerfolio_bi.run_findings where run_id = 2 and code = '\(code.rawValue)'",
                as: .reader)
            #expect(stored == [["error"]])
            #expect(try await database.published() == [["1", "\(first.recommendations)"]])
        }
    }

    @Test(arguments: defects)
    func forcePublishesAndIsRecorded(code: Finding.Code, change: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            try await database.run(Self.yaml)
            try await database.execute(change)
            let summary = try await database.run(
                Self.yaml, options: RunOptions(asOf: Self.asOf, isForced: true))
            #expect(summary.published)
            #expect(summary.isForced)
            let row = try await database.rows(
                "select status, is_forced, is_live from peerfolio_bi.run_history where run_id = 2", as: .reader)
            #expect(row == [["succeeded", "t", "t"]])
            let stored = try await database.value(
                "select severity from peerfolio_bi.run_findings where run_id = 2 and code = '\(code.rawValue)'")
            #expect(stored == "error")
        }
    }

    /// A fall of exactly the limit is allowed, and the limit is the configuration's.
    @Test func theFallThatIsAllowedIsConfigured() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            try await database.run(Self.yaml)
            try await database.execute("delete from dwh.holdings where client_id > 16")
            #expect(try await database.run(Self.yaml).clients == 16)
            try await database.execute("delete from dwh.holdings where client_id > 12")
            let error = await #expect(throws: ScoringError.self) { try await database.run(Self.yaml) }
            #expect(error?.findings.map(\.code).contains(.fewerClients) == true)
            #expect(try await database.run(Self.yaml, overrides: ["checks.max_fall=0.5"]).clients == 12)
        }
    }

    /// The run to compare with is the channel's own, and a run that was refused does not count.
    @Test func comparesWithTheLastGoodRunOfTheChannel() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            try await database.run(Self.yaml)
            try await database.execute("delete from dwh.holdings where client_id > 5")
            for _ in 1...2 {
                await #expect(throws: ScoringError.self) { try await database.run(Self.yaml) }
            }
            #expect(try await database.run(Self.yaml, overrides: ["publish.channel=test"]).clients == 5)
            await #expect(throws: ScoringError.self) { try await database.run(Self.yaml) }
        }
    }
}
