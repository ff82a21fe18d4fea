import TestSupport
import Testing

@testable import Schema

/// What each role may do, tried with login roles that are members of it.
@Suite(.requiresServer) struct PrivilegeTests {
    private static let tables = [
        "publication", "recommendations", "recommendations_slot_0", "run_checks", "run_clients",
        "run_clients_slot_0", "run_products", "runs", "schema_migrations", "schema_objects",
    ]

    @Test func readersSeeTheViewsOnly() async throws {
        try await TestServer.withMigratedDatabase { database in
            for view in EmbeddedSQL.views.map(\.name) {
                let state = try await database.sqlState(of: "select * from peerfolio_bi.\(view)", as: .reader)
                #expect(state == nil, "\(view)")
            }
            for table in Self.tables {
                let state = try await database.sqlState(of: "select * from peerfolio.\(table)", as: .reader)
                #expect(state == "42501", "\(table)")
            }
            for statement in [
                "drop view peerfolio_bi.clients", "create view peerfolio_bi.mine as select 1",
                "select peerfolio.ensure_slots(9)", "create table peerfolio.mine (a integer)",
            ] {
                let state = try await database.sqlState(of: statement, as: .reader)
                #expect(state == "42501", "\(statement)")
            }
        }
    }

    @Test func runnersWriteResultsAndNothingElse() async throws {
        try await TestServer.withMigratedDatabase { database in
            for table in Self.tables where !table.contains("_slot_") {
                let state = try await database.sqlState(of: "select * from peerfolio.\(table)", as: .runner)
                #expect(state == nil, "\(table)")
            }
            for view in EmbeddedSQL.views.map(\.name) {
                let state = try await database.sqlState(of: "select * from peerfolio_bi.\(view)", as: .runner)
                #expect(state == nil, "\(view)")
            }
            let refused = [
                "truncate peerfolio.recommendations", "truncate peerfolio.run_clients",
                "truncate peerfolio.runs cascade",
                "update peerfolio.recommendations set score = 1", "update peerfolio.run_clients set peers = 1",
                "update peerfolio.run_products set holders = 1", "update peerfolio.run_checks set occurrences = 1",
                "update peerfolio.runs set channel = 'x'", "update peerfolio.runs set requested_by = 'x'",
                "update peerfolio.runs set trigger = 'manual'", "update peerfolio.runs set scheduled_for = now()",
                "update peerfolio.runs set cancel_requested_by = 'x'", "delete from peerfolio.publication",
                "delete from peerfolio.schedulers", "truncate peerfolio.schedulers",
                "insert into peerfolio.schema_migrations values (9, 'x', 'x')",
                "update peerfolio.schema_migrations set checksum = 'x'", "delete from peerfolio.schema_objects",
                "drop table peerfolio.runs", "alter table peerfolio.runs add column x integer",
                "create table peerfolio.mine (a integer)", "create view peerfolio_bi.mine as select 1",
                "create or replace view peerfolio_bi.clients as select 1", "select peerfolio.ensure_slots(9)",
                "set role peerfolio_owner",
            ]
            for statement in refused {
                let state = try await database.sqlState(of: statement, as: .runner)
                #expect(state == "42501", "\(statement)")
            }
        }
    }

    @Test func thePublicHasNothing() async throws {
        try await TestServer.withMigratedDatabase { database in
            for relation in ["peerfolio.runs", "peerfolio_bi.recommendations"] {
                #expect(try await database.sqlState(of: "select * from \(relation)", as: .stranger) == "42501")
            }
            let grants = try await database.rows(
                """
                select c.relname from pg_class c join pg_namespace n on n.oid = relnamespace, aclexplode(relacl) a
                where nspname like 'peerfolio%' and a.grantee = 0
                union all
                select proname from pg_proc p join pg_namespace n on n.oid = pronamespace,
                    aclexplode(coalesce(proacl, acldefault('f', proowner))) a
                where nspname like 'peerfolio%' and a.grantee = 0
                union all
                select nspname from pg_namespace, aclexplode(nspacl) a where nspname like 'peerfolio%' and a.grantee = 0
                """)
            #expect(grants == [])
        }
    }

    /// An ETL job may ask for runs without seeing anything, and its requests bear its name.
    @Test func whoeverIsGrantedItMayRequestRuns() async throws {
        try await TestServer.withMigratedDatabase { database in
            let request = "select peerfolio.request_run(reason => 'loaded')"
            #expect(try await database.sqlState(of: request, as: .stranger) == "42501")
            try await database.execute(
                """
                grant usage on schema peerfolio to peerfolio_test_stranger;
                grant execute on function peerfolio.request_run, peerfolio.cancel_run to peerfolio_test_stranger
                """)
            #expect(try await database.sqlState(of: request, as: .stranger) == nil)
            #expect(try await database.sqlState(of: "select peerfolio.cancel_run(1)", as: .stranger) == nil)
            #expect(
                try await database.rows(
                    "select requested_by, request_reason, status, cancel_requested_by from peerfolio.runs")
                    == [["peerfolio_test_stranger", "loaded", "cancelled", "peerfolio_test_stranger"]])
            for statement in ["select * from peerfolio.runs", "select * from peerfolio_bi.run_history"] {
                #expect(try await database.sqlState(of: statement, as: .stranger) == "42501")
            }
            let mistakes = [
                ("channel => 'No'", "22023"), ("channel => null", "22023"), ("as_of => 'infinity'", "22023"),
                ("reason => repeat('x', 1001)", "22001"),
            ]
            for (arguments, state) in mistakes {
                let found = try await database.sqlState(of: "select peerfolio.request_run(\(arguments))", as: .stranger)
                #expect(found == state, "\(arguments)")
            }
            #expect(try await database.sqlState(of: "select peerfolio.cancel_run(99)", as: .stranger) == "P0002")
        }
    }

    @Test func everythingBelongsToTheOwner() async throws {
        try await TestServer.withMigratedDatabase { database in
            let strangers = try await database.rows(
                """
                select c.relname from pg_class c join pg_namespace n on n.oid = relnamespace
                where nspname like 'peerfolio%' and relowner <> 'peerfolio_owner'::regrole
                union all
                select proname from pg_proc p join pg_namespace n on n.oid = pronamespace
                where nspname like 'peerfolio%' and proowner <> 'peerfolio_owner'::regrole
                union all
                select nspname from pg_namespace where nspname like 'peerfolio%' and nspowner <> 'peerfolio_owner'::regrole
                """)
            #expect(strangers == [])
        }
    }

    @Test func everythingHasAComment() async throws {
        try await TestServer.withMigratedDatabase { database in
            let silent = try await database.rows(
                """
                select c.oid::regclass::text from pg_class c
                where c.relnamespace in ('peerfolio'::regnamespace, 'peerfolio_bi'::regnamespace)
                  and c.relkind in ('r', 'p', 'v', 'm', 'f') and obj_description(c.oid, 'pg_class') is null
                union all
                select c.oid::regclass::text || '.' || a.attname from pg_class c
                join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                where c.relnamespace in ('peerfolio'::regnamespace, 'peerfolio_bi'::regnamespace)
                  and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
                  and col_description(c.oid, a.attnum) is null
                union all
                select p.oid::regprocedure::text from pg_proc p
                where p.pronamespace in ('peerfolio'::regnamespace, 'peerfolio_bi'::regnamespace)
                  and obj_description(p.oid, 'pg_proc') is null
                union all
                select nspname from pg_namespace where nspname like 'peerfolio%' and obj_description(oid) is null
                """)
            #expect(silent == [])
            let commented = try await database.value(
                """
                select count(*) from pg_description d join pg_class c on c.oid = d.objoid
                where c.relnamespace in ('peerfolio'::regnamespace, 'peerfolio_bi'::regnamespace)
                """)
            #expect(Int(commented ?? "") ?? 0 > 150)
        }
    }
}
