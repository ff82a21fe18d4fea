import Foundation
import TestSupport
import Testing
import Warehouse

@testable import Scoring

/// `check` says what a run would find, and writes nothing.
@Suite(.requiresServer) struct ServiceCheckTests {
    private static func report(_ database: TestDatabase, as role: TestDatabase.Role = .runner) async throws
        -> ServiceCheck.Report
    {
        let service = try database.service(SmallWarehouse.yaml, as: role)
        return try await ServiceCheck(service).report(asOf: BusinessDate("2026-06-30"))
    }

    @Test func reportsWhatARunFinds() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            try await database.execute("insert into dwh.holdings values (1, 'P9', -1), (1, 'P1', 2)")
            let before = try await database.rowCounts()
            let report = try await Self.report(database)
            #expect(try await database.rowCounts() == before)
            #expect(report.isReady)
            #expect(report.schema == "current")
            #expect(report.refusal == nil)
            #expect(report.asOf == "2026-06-30")
            #expect(report.clientIDType == .bigint)
            #expect(report.productIDType == .text)
            #expect(report.server.contains("."))
            let log = EventLog()
            let summary = try await database.run(SmallWarehouse.yaml) { log.add($0) }
            #expect(report.findings == log.findings)
            #expect(
                report.findings.map(\.code) == [.negativeAmount, .undatedSource, .duplicateHolding, .heldByNobody])
            #expect(report.clients == summary.clients)
            #expect(report.clientsWithPortfolio == summary.clientsWithPortfolio)
            #expect(report.products == summary.products)
            #expect(report.holdings == summary.holdings)
        }
    }

    @Test func comparesWithThePreviousRun() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            try await database.run(SmallWarehouse.yaml)
            try await database.execute("delete from dwh.holdings where client_id > 10")
            let report = try await Self.report(database)
            #expect(report.refusal != nil)
            #expect(report.findings.prefix(2).map(\.code) == [.fewerClients, .fewerHoldings])
        }
    }

    @Test func reportsWithoutAnInstallation() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            try await database.execute("drop schema peerfolio cascade; drop schema peerfolio_bi cascade")
            let report = try await Self.report(database)
            #expect(!report.isReady)
            #expect(report.schema.contains("migrate up"))
            #expect(report.clients == 20)
        }
    }

    @Test(arguments: [
        ("update peerfolio.schema_objects set checksum = '' where name = 'clients'", "clients"),
        ("update peerfolio.schema_migrations set checksum = '' where version = 1", "1 (runs)"),
        ("insert into peerfolio.schema_migrations values (9, 'x', 'x', now(), 'x', 'x')", "up to 9"),
    ])
    func reportsAnotherSchema(change: String, words: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            try await database.execute(change)
            let report = try await Self.report(database)
            #expect(!report.isReady)
            #expect(report.schema.contains(words), "\(report.schema)")
        }
    }

    /// Without one grant a run would fail half-way; the check names it before.
    @Test(arguments: [
        ("usage on schema peerfolio", "peerfolio"), ("select on peerfolio.schema_migrations", "peerfolio"),
        ("select on peerfolio.runs", "runs (SELECT)"), ("insert on peerfolio.runs", "runs (INSERT)"),
        ("delete on peerfolio.runs", "runs (DELETE)"), ("update (slot) on peerfolio.runs", "runs (UPDATE"),
        ("update (phase) on peerfolio.runs", "runs (UPDATE"),
        ("select on peerfolio.publication", "publication (SELECT)"),
        ("insert on peerfolio.publication", "publication (INSERT)"),
        ("update (heartbeat_at) on peerfolio.runs", "runs (UPDATE"),
        ("update on peerfolio.publication", "publication (UPDATE)"),
        ("insert on peerfolio.recommendations", "recommendations (INSERT)"),
        ("select on peerfolio.recommendations", "recommendations (SELECT)"),
        ("delete on peerfolio.recommendations", "recommendations (DELETE)"),
        ("insert on peerfolio.run_clients", "run_clients (INSERT)"),
        ("delete on peerfolio.run_clients", "run_clients (DELETE)"),
        ("insert on peerfolio.run_products", "run_products (INSERT)"),
        ("insert on peerfolio.run_checks", "run_checks (INSERT)"),
        ("update on peerfolio.schedulers", "schedulers (UPDATE)"),
    ])
    func namesAMissingRight(grant: String, words: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            #expect(try await Self.report(database).isReady)
            try await database.execute("revoke \(grant) from peerfolio_runner")
            let report = try await Self.report(database)
            #expect(!report.isReady)
            #expect(report.schema.contains(words), "\(report.schema)")
            #expect(report.schema.contains("GRANT peerfolio_runner"))
            #expect(report.clients == 20)
        }
    }

    /// The columns that the check looks at are those that the migrations grant.
    @Test func looksAtEveryColumnThatIsGranted() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            let columns = try await database.rows(
                """
                select a.attname from pg_attribute a, aclexplode(a.attacl) e
                where a.attrelid = 'peerfolio.runs'::regclass and e.privilege_type = 'UPDATE'
                """)
            #expect(columns.count == 42)
            for column in columns.compactMap({ $0[0] }) {
                try await database.execute("revoke update (\(column)) on peerfolio.runs from peerfolio_runner")
                let report = try await Self.report(database)
                #expect(!report.isReady, "\(column)")
                try await database.execute("grant update (\(column)) on peerfolio.runs to peerfolio_runner")
            }
            #expect(try await Self.report(database).isReady)
        }
    }

    @Test func aReaderIsNotARunner() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            try await database.execute(
                "grant usage on schema dwh to peerfolio_test_reader; grant select on dwh.holdings to peerfolio_test_reader"
            )
            let report = try await Self.report(database, as: .reader)
            #expect(!report.isReady)
            #expect(report.schema.contains("GRANT peerfolio_runner"))
        }
    }
}
