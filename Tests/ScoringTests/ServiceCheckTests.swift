import Foundation
import TestSupport
import Testing

@testable import Holdings
@testable import ResultStore
@testable import Scoring

/// `check` says what a run would find, and writes nothing.
@Suite(.requiresServer) struct ServiceCheckTests {
    private static func report(_ database: TestDatabase, as role: TestDatabase.Role = .runner) async throws
        -> ServiceCheck.Report
    {
        let installation = try database.installation(SmallWarehouse.yaml, as: role)
        return try await ServiceCheck(installation).report(asOf: BusinessDate("2026-06-30"))
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

    /// Rows that are missing from a published run, and scores that are others, are noticed.
    @Test(arguments: [
        ("delete from peerfolio.recommendations where rank = 2 and run_id = 1", "recommendations"),
        ("update peerfolio.recommendations set score = score / 2 where rank = 1", "other scores"),
        ("delete from peerfolio.run_clients where client_id = 1", "clients"),
        ("delete from peerfolio.run_lists where list_number = 1", "recommendations"),
        (
            "insert into peerfolio.run_lists select slot, 99, run_id, null, 99, 1, 0, 0, 'X' from peerfolio.run_lists limit 1",
            "lists"
        ),
        (
            """
            update peerfolio.run_clients set list_number = (
                select min(l.list_number) from peerfolio.run_lists l where l.list_number <> run_clients.list_number)
            where client_id = 1
            """, "other products or lists"
        ),
        ("update peerfolio.run_lists set clients = clients + 1 where list_number = 1", "recommendations"),
        ("update peerfolio.runs set checksum = 0", "other scores"),
    ])
    func noticesWhatHasBeenDoneToTheLiveRun(change: String, words: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            #expect(try await Self.report(database).damage == nil)
            try await database.run(SmallWarehouse.yaml)
            #expect(try await Self.report(database).damage == nil)
            try await database.execute(change)
            let report = try await Self.report(database)
            #expect(report.damage?.contains("run 1, which is live, wrote") == true)
            #expect(report.damage?.contains(words) == true)
            #expect(report.alarm?.code == .liveRunDamaged)
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
        ("insert into peerfolio.schema_migrations values (99, 'x', 'x', now(), 'x', 'x')", "up to 99"),
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

    /// Every right of `peerfolio_runner` on Peerfolio's own objects, as REVOKE and GRANT name it.
    private static let ownGrants = """
        select 'USAGE ON SCHEMA ' || n.nspname
        from pg_namespace n, aclexplode(n.nspacl) e
        where n.nspname like 'peerfolio%' and e.grantee = 'peerfolio_runner'::regrole
        union all
        select e.privilege_type || ' ON ' || c.oid::regclass
        from pg_class c, aclexplode(c.relacl) e
        where c.relnamespace::regnamespace::text like 'peerfolio%' and e.grantee = 'peerfolio_runner'::regrole
        union all
        select e.privilege_type || ' (' || a.attname || ') ON ' || a.attrelid::regclass
        from pg_attribute a join pg_class c on c.oid = a.attrelid, aclexplode(a.attacl) e
        where c.relnamespace::regnamespace::text like 'peerfolio%' and e.grantee = 'peerfolio_runner'::regrole
        union all
        select 'EXECUTE ON FUNCTION ' || n.nspname || '.' || p.proname
               || '(' || pg_get_function_identity_arguments(p.oid) || ')'
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace, aclexplode(p.proacl) e
        where n.nspname like 'peerfolio%' and e.grantee = 'peerfolio_runner'::regrole
        """

    /// Each grant taken away by itself: the check names it, and so does a run, before it reads or writes anything.
    @Test func everyMissingRightIsNamed() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            let grants = try await database.rows(Self.ownGrants).compactMap { $0[0] }
            #expect(grants.count == RunnerRights.all.count)
            let check = ServiceCheck(try database.installation(SmallWarehouse.yaml))
            let before = try await database.rowCounts()
            for grant in grants {
                try await database.execute("REVOKE \(grant) FROM peerfolio_runner")
                let report = try await check.report(asOf: BusinessDate("2026-06-30"))
                let mended = "GRANT \(grant) TO peerfolio_runner"
                #expect(!report.isReady, "\(grant)")
                #expect(report.missingGrants == [mended], "\(grant)")
                #expect(report.schema.hasSuffix("with: \(mended)"), "\(report.schema)")
                #expect(report.clients == 20)
                let log = EventLog()
                let error = await #expect(throws: ScoringError.self, "\(grant)") {
                    try await database.run(SmallWarehouse.yaml) { log.add($0) }
                }
                #expect(error?.code == .rightsMissing)
                #expect(error?.message.hasSuffix("with: \(mended)") == true, "\(error?.message ?? "")")
                #expect(log.phases == [])
                // What is said is what mends it.
                try await database.execute(mended)
            }
            #expect(try await database.rowCounts() == before)
            #expect(try await check.report(asOf: BusinessDate("2026-06-30")).isReady)
        }
    }

    /// All that is missing is named at once.
    @Test func allMissingRightsAreNamedAtOnce() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            try await database.execute(
                """
                revoke usage on schema peerfolio, peerfolio_bi from peerfolio_runner;
                revoke update (slot, phase), delete on peerfolio.runs from peerfolio_runner;
                revoke execute on function peerfolio.analyze_slot from peerfolio_runner;
                revoke select on dwh.holdings from peerfolio_test_runner;
                grant select (client_id) on dwh.holdings to peerfolio_test_runner;
                """)
            let expected = """
                the role peerfolio_test_runner lacks rights; a DBA gives them with: \
                GRANT USAGE ON SCHEMA peerfolio TO peerfolio_runner; \
                GRANT USAGE ON SCHEMA peerfolio_bi TO peerfolio_runner; \
                GRANT DELETE, UPDATE (phase, slot) ON peerfolio.runs TO peerfolio_runner; \
                GRANT EXECUTE ON FUNCTION peerfolio.analyze_slot(loaded_slot smallint) TO peerfolio_runner; \
                GRANT SELECT (product_id, amount) ON dwh.holdings TO peerfolio_test_runner
                """
            let check = await #expect(throws: ScoringError.self) { try await Self.report(database) }
            #expect(check?.message == expected)
            let run = await #expect(throws: ScoringError.self) { try await database.run(SmallWarehouse.yaml) }
            #expect(run?.message == expected)
        }
    }

    /// Sources of every kind: each right on them taken away by itself is named, by the statement that gives it.
    @Test func everyMissingRightOnASourceIsNamed() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(RightsWarehouse.tables)
            let installation = try database.installation(RightsWarehouse.yaml)
            let runner = TestDatabase.Role.runner.rawValue
            try await database.execute(
                """
                revoke all on all tables in schema dwh from \(runner);
                revoke usage on schema dwh from \(runner);
                """)
            let script = try await database.withSession { session in
                try GrantScript(installation).text(role: runner, session)
            }
            try await database.execute(script)
            #expect(try await ServiceCheck(installation).report(asOf: nil).isReady)
            let grants = try await database.rows(
                """
                select 'USAGE ON SCHEMA ' || n.nspname from pg_namespace n, aclexplode(n.nspacl) e
                where n.nspname in ('dwh', 'shop') and e.grantee = '\(runner)'::regrole
                union all
                select e.privilege_type || ' (' || a.attname || ') ON ' || a.attrelid::regclass
                from pg_attribute a join pg_class c on c.oid = a.attrelid, aclexplode(a.attacl) e
                where c.relnamespace::regnamespace::text in ('dwh', 'shop') and e.grantee = '\(runner)'::regrole
                """
            ).compactMap { $0[0] }
            #expect(grants.count == 20)
            for grant in grants {
                try await database.execute("REVOKE \(grant) FROM \(runner)")
                for isRun in [false, true] {
                    let error = await #expect(throws: ScoringError.self, "\(grant)") {
                        if isRun {
                            _ = try await ScoringRun(installation, options: RunOptions()).execute()
                        } else {
                            _ = try await ServiceCheck(installation).report(asOf: nil)
                        }
                    }
                    #expect(error?.code == .rightsMissing)
                    #expect(
                        error?.message.contains("with: GRANT \(grant) TO \(runner)") == true,
                        "\(grant): \(error?.message ?? "")")
                }
                try await database.execute("GRANT \(grant) TO \(runner)")
            }
            #expect(try await ServiceCheck(installation).report(asOf: nil).isReady)
            #expect(try await database.value("select count(*) from peerfolio.runs") == "0")
        }
    }

    /// Nothing should run as a superuser, or as somebody who may become the owner; it works, and is said.
    @Test func moreRightsThanNeededAreAWarning() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            #expect(try await Self.report(database).warnings == [])
            let report = try await Self.report(database, as: .superuser)
            #expect(report.isReady)
            #expect(report.warnings.first?.contains("postgres is a superuser") == true)
            try await database.execute(
                """
                grant usage on schema dwh to peerfolio_test_migrator;
                grant select on dwh.holdings to peerfolio_test_migrator
                """)
            let migrator = try await Self.report(database, as: .migrator)
            let inheriting = try await TestDatabase.inheritingMembership()
            #expect(migrator.missingGrants == ["GRANT peerfolio_runner TO peerfolio_test_migrator\(inheriting)"])
            #expect(migrator.warnings.first?.contains("may become peerfolio_owner") == true)
            let log = EventLog()
            let installation = try database.installation(SmallWarehouse.yaml, as: .superuser)
            _ = try await ScoringRun(installation, options: RunOptions()) { log.add($0) }.execute()
            #expect(log.warnings.contains { $0.contains("is a superuser") })
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
