import Foundation
import Postgres
import TestSupport
import Testing

@testable import Schema

@Suite(.requiresServer) struct MigratorTests {
    private static let parameters = SchemaParameters(clientIDType: "bigint", productIDType: "text", slots: 4)
    private let migrator = Migrator(programVersion: "test")

    private static func expectError(
        _ code: SchemaError.Code, naming words: String..., sourceLocation: Testing.SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async {
        let error = await #expect(throws: SchemaError.self, sourceLocation: sourceLocation) { try await body() }
        #expect(error?.code == code, sourceLocation: sourceLocation)
        for word in words {
            #expect(error?.message.contains(word) == true, "\(error?.message ?? "")", sourceLocation: sourceLocation)
        }
    }

    @Test func installsOnceFromNothing() async throws {
        try await TestServer.withConnection { connection in
            let (before, first, second, after) = try await connection.withSession { session in
                let before = try migrator.status(session)
                let types = try migrator.installedTypes(session)
                #expect(types == nil)
                let first = try migrator.up(session, parameters: Self.parameters)
                let second = try migrator.up(session, parameters: Self.parameters)
                try migrator.verify(session, parameters: Self.parameters)
                return (before, first, second, try migrator.status(session))
            }
            let names = EmbeddedSQL.migrations.map(\.name) + EmbeddedSQL.replaceables.map(\.name)
            #expect(before.map(\.name) == names)
            #expect(before.allSatisfy { $0.state == .pending && $0.appliedAt == nil })
            #expect(
                first == ["bootstrap"] + EmbeddedSQL.migrations.map(\.name) + ["12 slot partitions"]
                    + EmbeddedSQL.replaceables.map(\.name))
            #expect(second.isEmpty)
            #expect(after.map(\.name) == names)
            #expect(after.allSatisfy { $0.state == .applied && $0.appliedAt != nil })
            #expect(
                after.map(\.version)
                    == EmbeddedSQL.migrations.indices.map { $0 + 1 } + EmbeddedSQL.replaceables.map { _ in nil })
        }
    }

    @Test func saysThatNothingIsInstalled() async throws {
        try await TestServer.withConnection { connection in
            await Self.expectError(.notInstalled, naming: "migrate up") {
                try await connection.withSession { try migrator.verify($0) }
            }
        }
    }

    @Test func refusesDrift() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute("update peerfolio.schema_migrations set checksum = 'edited' where version = 2")
            let entries = try await database.withSession { try migrator.status($0) }
            #expect(entries.filter { $0.state == .drifted }.map(\.version) == [2])
            await Self.expectError(.drifted, naming: "2 (results)") {
                try await database.withSession { _ = try migrator.up($0, parameters: Self.parameters) }
            }
            await Self.expectError(.drifted, naming: "2 (results)") {
                try await database.withSession { try migrator.verify($0) }
            }
        }
    }

    @Test func refusesANewerDatabase() async throws {
        try await TestServer.withMigratedDatabase { database in
            let future = EmbeddedSQL.migrations.count + 1
            try await database.execute(
                """
                insert into peerfolio.schema_migrations (version, name, checksum, program_version)
                values (\(future), 'future', 'x', '9')
                """)
            let states = try await database.withSession { try migrator.status($0) }
            #expect(states.first { $0.version == future }?.state == .unknown)
            await Self.expectError(.newer, naming: "up to \(future)", "knows \(EmbeddedSQL.migrations.count)") {
                try await database.withSession { _ = try migrator.up($0, parameters: Self.parameters) }
            }
            await Self.expectError(.newer) { try await database.withSession { try migrator.verify($0) } }
        }
    }

    @Test(arguments: [("text", "text", "client"), ("bigint", "uuid", "product")])
    func refusesOtherIdentifierTypes(client: String, product: String, what: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            let other = SchemaParameters(clientIDType: client, productIDType: product, slots: 4)
            await Self.expectError(.identifierTypes, naming: "\(what) ids") {
                try await database.withSession { _ = try migrator.up($0, parameters: other) }
            }
            await Self.expectError(.identifierTypes, naming: "\(what) ids") {
                try await database.withSession { try migrator.verify($0, parameters: other) }
            }
        }
    }

    @Test(arguments: [("bigint", "text"), ("uuid", "bigint"), ("text", "uuid")])
    func installsTheWarehousesTypes(client: String, product: String) async throws {
        try await TestServer.withMigratedDatabase(clientType: client, productType: product) { database in
            let types = try await database.withSession { session in
                try #require(try migrator.installedTypes(session))
            }
            #expect(types == (client, product))
            let columns = try await database.rows(
                """
                select distinct column_name, data_type from information_schema.columns
                where table_schema = 'peerfolio' and column_name in ('client_id', 'product_id') order by 1
                """)
            #expect(columns == [["client_id", client], ["product_id", product]])
        }
    }

    /// Views follow their text; a pending one is named.
    @Test func appliesAChangedViewAgain() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                "update peerfolio.schema_objects set checksum = 'older' where name = 'clients'")
            await Self.expectError(.pending, naming: "clients", "migrate up") {
                try await database.withSession { try migrator.verify($0) }
            }
            let applied = try await database.withSession { try migrator.up($0, parameters: Self.parameters) }
            #expect(applied == ["clients"])
            try await database.withSession { try migrator.verify($0) }
        }
    }

    @Test func appliesAMissingMigrationOnly() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                drop schema peerfolio_bi cascade;
                drop view peerfolio.live_clients, peerfolio.live_lists;
                drop table peerfolio.publication;
                create schema peerfolio_bi authorization peerfolio_owner;
                delete from peerfolio.schema_migrations where version = 3;
                delete from peerfolio.schema_objects;
                """)
            await Self.expectError(.pending, naming: "publication") {
                try await database.withSession { try migrator.verify($0) }
            }
            let applied = try await database.withSession { try migrator.up($0, parameters: Self.parameters) }
            #expect(applied == ["publication"] + EmbeddedSQL.replaceables.map(\.name))
        }
    }

    /// A migration that fails leaves what was there, its ledger row included.
    @Test func aFailedMigrationChangesNothing() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                try session.executeScript(
                    "create schema peerfolio; create table peerfolio.run_products (in_the_way integer)")
            }
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withSession { _ = try migrator.up($0, parameters: Self.parameters) }
            }
            #expect(error?.sqlState != nil)
            let tables = try await connection.withSession { session in
                try session.execute(
                    """
                    select relname from pg_class c join pg_namespace n on n.oid = relnamespace
                    where nspname = 'peerfolio' and relkind in ('r', 'p') and relname in ('recommendations', 'run_clients', 'run_lists')
                    """
                ).rows.count
            }
            #expect(tables == 0)
        }
    }

    @Test func addsSlotsAndTakesNoneAway() async throws {
        func partitions(_ database: TestDatabase) async throws -> [[String?]] {
            try await database.rows(
                """
                select inhparent::regclass::text, count(*) from pg_inherits
                where inhparent in (select peerfolio.slot_tables())
                group by 1 order by 1
                """)
        }
        try await TestServer.withMigratedDatabase { database in
            let six = SchemaParameters(clientIDType: "bigint", productIDType: "text", slots: 6)
            await Self.expectError(.pending, naming: "retention.slots is 6", "4 slots") {
                try await database.withSession { try migrator.verify($0, parameters: six) }
            }
            let applied = try await database.withSession { try migrator.up($0, parameters: six) }
            try await database.withSession { try migrator.verify($0, parameters: six) }
            #expect(applied == ["6 slot partitions"])
            let grown = ["recommendations", "run_clients", "run_lists"].map { ["peerfolio.\($0)", "6"] }
            #expect(try await partitions(database) == grown)
            let again = try await database.withSession { try migrator.up($0, parameters: Self.parameters) }
            #expect(again.isEmpty)
            #expect(try await partitions(database) == grown)
        }
    }

    /// The statements that a DBA is given are those of `sql/roles.sql`, in a cluster that has none of the roles.
    @Test func aDBAIsToldToMakeTheSameRoles() async throws {
        let roles = """
            select rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin, rolinherit,
                array(select m.member::regrole || (to_jsonb(m) - array['oid', 'roleid', 'member'])::text
                      from pg_auth_members m where m.roleid = r.oid)
            from pg_roles r where rolname ~ '^peerfolio_' order by 1
            """
        try await TLSCluster.with { cluster in
            let (told, shipped) = try await cluster.withSession { session in
                try session.executeScript("set role \(TLSCluster.Role.scram.rawValue)")
                let error = #expect(throws: SchemaError.self) {
                    try migrator.up(session, parameters: Self.parameters)
                }
                #expect(error?.code == .rights)
                try session.executeScript("reset role")
                let statements =
                    error?.message.components(separatedBy: " gives them with: ").last?
                    .components(separatedBy: "; ") ?? []
                #expect(
                    statements.suffix(2) == [
                        "GRANT peerfolio_migrator TO \(TLSCluster.Role.scram.rawValue)",
                        "GRANT CREATE ON DATABASE postgres TO peerfolio_owner",
                    ])
                func rolesMade(by script: String) throws -> [[String?]] {
                    try session.executeScript(script)
                    let made = try session.execute(roles).rows.map(\.values)
                    try session.executeScript("drop role \(made.compactMap { $0[0] }.joined(separator: ", "))")
                    return made
                }
                let told = statements.dropLast(2).joined(separator: "; ")
                return (try rolesMade(by: told), try rolesMade(by: EmbeddedSQL.roles.text))
            }
            #expect(told == shipped)
            #expect(shipped.map { $0[0] } == Migrator.roles.sorted())
        }
    }

    /// Once a DBA has made the roles and let the owner make schemas, nobody needs to be a superuser.
    @Test func aMemberOfTheMigratorsInstallsAndUpgrades() async throws {
        try await TestServer.withMigratedDatabase { database in
            let login = TestDatabase.Role.migrator.rawValue
            try await database.execute(
                """
                drop schema peerfolio cascade; drop schema peerfolio_bi cascade;
                do $$ begin
                    execute format('grant create on database %I to peerfolio_owner', current_database());
                end $$
                """)
            let first = try await database.withSession(as: .migrator) { session in
                try migrator.up(session, parameters: Self.parameters)
            }
            #expect(
                first == ["bootstrap"] + EmbeddedSQL.migrations.map(\.name) + ["12 slot partitions"]
                    + EmbeddedSQL.replaceables.map(\.name))
            #expect(
                try await database.rows("select distinct applied_by from peerfolio.schema_migrations") == [[login]])
            try await database.execute("update peerfolio.schema_objects set checksum = 'older' where name = 'clients'")
            let (upgraded, states) = try await database.withSession(as: .migrator) { session in
                let upgraded = try migrator.up(session, parameters: Self.parameters)
                try migrator.verify(session, parameters: Self.parameters)
                return (upgraded, try migrator.status(session))
            }
            #expect(upgraded == ["clients"])
            #expect(states.allSatisfy { $0.state == .applied })
            let strangers = try await database.rows(
                """
                select c.relname from pg_class c join pg_namespace n on n.oid = relnamespace
                where nspname like 'peerfolio%' and relowner <> 'peerfolio_owner'::regrole
                """)
            #expect(strangers == [])
        }
    }

    /// An installation from before there were rights by column is brought to the same rights as a new one.
    @Test func rightsOfAnOlderInstallationBecomeThoseOfANewOne() async throws {
        let rights = """
            select c.oid::regclass::text, e.grantee::regrole::text, e.privilege_type, ''
            from pg_class c, aclexplode(c.relacl) e where c.relnamespace = 'peerfolio'::regnamespace
            union all
            select a.attrelid::regclass::text, e.grantee::regrole::text, e.privilege_type, a.attname
            from pg_attribute a join pg_class c on c.oid = a.attrelid, aclexplode(a.attacl) e
            where c.relnamespace = 'peerfolio'::regnamespace
              -- Of later migrations, which are not applied again.
              and a.attname not in ('lists', 'contents_checksum', 'coverage', 'gini', 'top3_share')
            order by 1, 2, 3, 4
            """
        try await TestServer.withMigratedDatabase { database in
            let new = try await database.rows(rights)
            // What the first six migrations granted.
            try await database.execute(
                """
                drop table peerfolio.managers cascade;
                grant select, insert, delete on peerfolio.runs, peerfolio.run_checks, peerfolio.run_products,
                    peerfolio.evaluations, peerfolio.run_metrics, peerfolio.calibration_bins to peerfolio_runner;
                grant select, insert, update on peerfolio.publication, peerfolio.schedulers to peerfolio_runner;
                revoke usage on schema peerfolio from peerfolio_migrator, peerfolio_operator;
                revoke select on peerfolio.schema_migrations, peerfolio.schema_objects from peerfolio_migrator;
                delete from peerfolio.schema_migrations where version = 7;
                delete from peerfolio.schema_objects where name like 'my_%';
                """)
            #expect(try await database.rows(rights) != new)
            let applied = try await database.withSession(as: .migrator) { session in
                try migrator.up(session, parameters: Self.parameters)
            }
            #expect(applied == ["rights", "my_clients", "my_suggestions"])
            #expect(try await database.rows(rights) == new)
        }
    }

    @Test func twoMigratorsAtOnceInstallOnce() async throws {
        try await TestServer.withDatabase { conninfo in
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await PostgresConnection.withSession(ConnectionSettings(conninfo: conninfo)) {
                            try migrator.up($0, parameters: Self.parameters)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let names =
                ["bootstrap"] + EmbeddedSQL.migrations.map(\.name) + ["12 slot partitions"]
                + EmbeddedSQL.replaceables.map(\.name)
            #expect(applied.sorted() == names.sorted())
        }
    }
}
