import Foundation
import TestSupport
import Testing

/// A server on which nobody of ours is a superuser, as managed services give them out: the admin has `CREATEROLE` and
/// `CREATEDB`.
///
/// A cluster of its own, since roles belong to the whole cluster and those of Peerfolio must not be there.
@Suite(.requiresServer) struct ManagedServerTests {
    /// A name that must be quoted.
    private static let admin = "cloud admin"

    private static func withAdmin(_ body: (Installation) async throws -> Void) async throws {
        try await TLSCluster.with { cluster in
            try await cluster.execute("create role \"\(admin)\" login createrole createdb")
            // Of a keyword that occurs twice, libpq takes the last.
            let login = "\(cluster.administrator) user='\(admin)'"
            try await TemporaryFolder.with { folder in
                try await Installation(administrator: login, folder: folder).execute("create database warehouse")
                let installation = Installation(administrator: "\(login) dbname=warehouse", folder: folder)
                _ = try await installation.succeed(
                    "demo", "--clients", "400", "--connection", installation.administrator, configured: false)
                try installation.write(
                    "holdings: {relation: demo.client_holdings, client: client_id, product: product_id}",
                    connection: "\(installation.administrator) user=service")
                try await body(installation)
            }
        }
    }

    /// The same database, seen by another role.
    private static func login(_ role: String, _ installation: Installation) -> Installation {
        Installation(administrator: "\(installation.administrator) user=\(role)", folder: installation.folder)
    }

    private static func statements(_ outcome: ChildProcess.Outcome) throws -> [String] {
        expectFailure(outcome, 64, saying: "lacks rights to migrate", " gives them with: ")
        return try #require(outcome.errorLines.last).components(separatedBy: " gives them with: ")[1]
            .components(separatedBy: "; ")
    }

    @Test func anAdminInstallsRunsAndUpgradesByWhatMigrateUpPrints() async throws {
        try await Self.withAdmin { installation in
            let asAdmin = ["PEERFOLIO_CONNECTION": installation.administrator]
            let statements = try Self.statements(
                try await installation.peerfolio("migrate", "up", environment: asAdmin))
            #expect(
                statements.suffix(2) == [
                    "GRANT peerfolio_migrator TO \"\(Self.admin)\"",
                    "GRANT CREATE ON DATABASE warehouse TO peerfolio_owner",
                ])
            // Nothing has been changed yet.
            #expect(try await installation.value("select count(*) from pg_roles where rolname ~ '^peerfolio'") == "0")
            try await installation.execute(statements.joined(separator: "; "))
            let up = try await installation.peerfolio("migrate", "up", environment: asAdmin)
            #expect(expectSuccess(up).hasPrefix("applied bootstrap, runs, "))
            expectSuccess(try await installation.peerfolio("migrate", "verify", environment: asAdmin))

            try await installation.execute("create role service login")
            try await installation.execute(
                expectSuccess(
                    try await installation.peerfolio("grants", "--role", "service", environment: asAdmin)))
            #expect(try await installation.succeed("check").contains("rights complete"))
            #expect(try await installation.succeed("run").contains("published in channel live"))
            try await installation.execute("create role reports login; grant peerfolio_reader to reports")
            let reports = Self.login("reports", installation)
            #expect(try await reports.value("select count(*) > 0 from peerfolio_bi.recommendations") == "t")

            // A version that brings a role, and views that are granted to it.
            let superuser = Self.login("postgres", installation)
            try await superuser.execute(
                """
                drop owned by peerfolio_manager; drop role peerfolio_manager;
                update peerfolio.schema_objects set checksum = ''
                """)
            let upgrade = try await installation.peerfolio("migrate", "up", environment: asAdmin)
            #expect(expectSuccess(upgrade).contains("my_clients"))
            expectSuccess(try await installation.peerfolio("migrate", "verify", environment: asAdmin))
            #expect(
                try await superuser.value(
                    "select has_table_privilege('peerfolio_manager', 'peerfolio_bi.my_clients', 'SELECT')") == "t")
            #expect(try await installation.succeed("run").contains("published in channel live"))
            let strangers = try await installation.rows(
                """
                select c.oid::regclass from pg_class c
                where c.relnamespace::regnamespace::text ~ '^peerfolio' and c.relowner <> 'peerfolio_owner'::regrole
                """)
            #expect(strangers == [])
        }
    }

    /// A login for deployments, who may make no roles: it is told what a DBA runs for it, all of it and no more.
    @Test func aDeploymentIsToldWhatIsMissing() async throws {
        try await Self.withAdmin { installation in
            try await installation.execute("create role deployment login; grant usage on schema demo to deployment")
            let asDeployment = ["PEERFOLIO_CONNECTION": "\(installation.administrator) user=deployment"]
            let first = try Self.statements(
                try await installation.peerfolio("migrate", "up", environment: asDeployment))
            try await installation.execute(first.joined(separator: "; "))
            let up = try await installation.peerfolio("migrate", "up", environment: asDeployment)
            #expect(expectSuccess(up).hasPrefix("applied bootstrap, runs, "))
            try await installation.execute("revoke peerfolio_migrator from deployment")
            let second = try Self.statements(
                try await installation.peerfolio("migrate", "up", environment: asDeployment))
            #expect(second == ["GRANT peerfolio_migrator TO deployment"])
        }
    }
}
