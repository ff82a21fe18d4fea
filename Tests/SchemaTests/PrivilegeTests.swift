import TestSupport
import Testing

@testable import Schema

/// What each role may do, tried with login roles that are members of it.
@Suite(.requiresServer) struct PrivilegeTests {
    private static let tables = [
        "publication", "recommendations", "recommendations_slot_0", "run_checks", "run_clients", "run_clients_slot_0",
        "run_lists", "run_lists_slot_0", "run_products", "runs", "schema_migrations", "schema_objects",
    ]

    /// Three runs, the third of them published.
    static let threeRuns = """
        insert into peerfolio.runs (channel, status, phase, trigger, term, as_of_date, config, config_hash, host,
            process_id, program_version, slot, finished_at, published_at)
        select 'live', 'succeeded', 'done', 'manual', n, now(), '{}', '', '', 1, '', n - 1, now(), now()
        from generate_series(1, 3) as n;
        update peerfolio.publication set live_run_id = 3, live_slot = 2, previous_run_id = 2, previous_slot = 1
        """

    /// Opens the schemas themselves, so that what refuses a statement is a right on the object.
    private static let openSchemas = "grant usage on schema peerfolio, peerfolio_bi, dwh to public"

    @Test func readersSeeTheViewsOnly() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.openSchemas)
            for view in EmbeddedSQL.views.map(\.name) where !view.hasPrefix("live_") {
                let state = try await database.sqlState(of: "select * from peerfolio_bi.\(view)", as: .reader)
                #expect(state == (view.hasPrefix("my_") ? "42501" : nil), "\(view)")
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

    /// A statement, and whether a role may run it.
    struct Case: Sendable {
        let role: TestDatabase.Role
        let isAllowed: Bool
        let statement: String

        static func may(_ role: TestDatabase.Role, _ statement: String) -> Case {
            Case(role: role, isAllowed: true, statement: statement)
        }

        static func mayNot(_ role: TestDatabase.Role, _ statement: String) -> Case {
            Case(role: role, isAllowed: false, statement: statement)
        }
    }

    /// What the owner may, the migrator may once it has become the owner, and not before.
    private static let migrating: [Case] = [
        .may(.migrator, "select * from peerfolio.schema_migrations"),
        .may(.migrator, "select * from peerfolio.schema_objects"),
        .may(.migrator, "set role peerfolio_owner; select * from peerfolio.runs"),
        .may(.migrator, "set role peerfolio_owner; alter table peerfolio.runs add column x integer"),
        .may(.migrator, "set role peerfolio_owner; select peerfolio.ensure_slots(5)"),
        .may(.migrator, "set role peerfolio_owner; create view peerfolio_bi.mine as select 1 as one"),
        .mayNot(.migrator, "select * from peerfolio.runs"),
        .mayNot(.migrator, "select * from peerfolio_bi.clients"),
        .mayNot(.migrator, "alter table peerfolio.runs add column y integer"),
        .mayNot(.migrator, "create table peerfolio.mine (a integer)"),
        .mayNot(.migrator, "update peerfolio.schema_migrations set checksum = 'x'"),
        .mayNot(.migrator, "set role peerfolio_runner"),
        .mayNot(.migrator, "set role peerfolio_owner; create role more login"),
        .mayNot(.migrator, "set role peerfolio_owner; create schema more"),
        .mayNot(.migrator, "set role peerfolio_owner; select * from dwh.holdings"),
    ]

    private static let running: [Case] = [
        .may(.runner, "select * from peerfolio.runs"),
        .may(.runner, "select * from peerfolio.publication"),
        .may(
            .runner,
            "insert into peerfolio.runs (channel, status, phase, trigger) values ('x', 'queued', 'start', 'manual')"),
        .may(.runner, "insert into peerfolio.publication (channel) values ('y')"),
        .may(.runner, "update peerfolio.publication set term = term + 1"),
        .may(.runner, "update peerfolio.runs set slot = null"),
        .may(.runner, "delete from peerfolio.runs where run_id = 1"),
        .may(.runner, "delete from peerfolio.recommendations"),
        .may(.runner, "select peerfolio.lock_publication()"),
        .may(.runner, "select peerfolio.analyze_slot(0::smallint)"),
        .may(.runner, "select peerfolio.analyze_slots()"),
        .may(.runner, "select * from peerfolio_bi.run_health"),
        .mayNot(
            .runner,
            "insert into peerfolio.runs (channel, status, phase, trigger, checksum) values ('x', 'queued', 'start', 'manual', 1)"
        ),
        .mayNot(.runner, "insert into peerfolio.publication (channel, live_run_id, live_slot) values ('z', 1, 0)"),
        .mayNot(.runner, "update peerfolio.publication set channel = 'other'"),
        .mayNot(.runner, "update peerfolio.schedulers set channel = 'other'"),
        .mayNot(
            .runner,
            "insert into peerfolio.evaluations (channel, kind, config, model_hash, published_method, windows, clients, pairs, duration_ms, program_version, evaluated_by) values ('x', 'temporal', '{}', '', 'peers', 1, 1, 1, 1, '', 'somebody')"
        ),
        .mayNot(.runner, "update peerfolio.evaluations set is_calibration_earned = true"),
        .mayNot(.runner, "update peerfolio.recommendations set score = 1"),
        .mayNot(.runner, "update peerfolio.run_clients set list_number = 1"),
        .mayNot(.runner, "update peerfolio.run_products set holders = 1"),
        .mayNot(.runner, "update peerfolio.run_checks set occurrences = 1"),
        .mayNot(.runner, "update peerfolio.runs set channel = 'x'"),
        .mayNot(.runner, "update peerfolio.runs set requested_by = 'x'"),
        .mayNot(.runner, "update peerfolio.runs set trigger = 'manual'"),
        .mayNot(.runner, "update peerfolio.runs set scheduled_for = now()"),
        .mayNot(.runner, "update peerfolio.runs set cancel_requested_by = 'x'"),
        .mayNot(.runner, "select * from peerfolio.run_products"),
        .mayNot(.runner, "delete from peerfolio.run_checks"),
        .mayNot(.runner, "delete from peerfolio.run_metrics"),
        .mayNot(.runner, "delete from peerfolio.publication"),
        .mayNot(.runner, "delete from peerfolio.schedulers"),
        .mayNot(.runner, "truncate peerfolio.recommendations"),
        .mayNot(.runner, "truncate peerfolio.runs cascade"),
        .mayNot(.runner, "lock table peerfolio.publication in access exclusive mode"),
        .mayNot(.runner, "insert into peerfolio.schema_migrations values (9, 'x', 'x')"),
        .mayNot(.runner, "update peerfolio.schema_migrations set checksum = 'x'"),
        .mayNot(.runner, "delete from peerfolio.schema_objects"),
        .mayNot(.runner, "select * from peerfolio.recommendations_slot_0"),
        .mayNot(.runner, "select * from peerfolio.managers"),
        .mayNot(.runner, "insert into peerfolio.managers values ('x', 'x')"),
        .mayNot(.runner, "select * from peerfolio_bi.my_clients"),
        .mayNot(.runner, "drop table peerfolio.runs"),
        .mayNot(.runner, "alter table peerfolio.runs add column x integer"),
        .mayNot(.runner, "create table peerfolio.mine (a integer)"),
        .mayNot(.runner, "create view peerfolio_bi.mine as select 1"),
        .mayNot(.runner, "create or replace view peerfolio_bi.clients as select 1"),
        .mayNot(.runner, "create temporary table mine (a integer)"),
        .mayNot(.runner, "create table public.mine (a integer)"),
        .mayNot(.runner, "create schema mine"),
        .mayNot(.runner, "select peerfolio.ensure_slots(9)"),
        .mayNot(.runner, "set role peerfolio_owner"),
        .mayNot(.runner, "set role peerfolio_operator"),
    ]

    private static let operating: [Case] = [
        .may(.operator, "select peerfolio.request_run()"),
        .may(.operator, "select peerfolio.cancel_run(1)"),
        .may(.operator, "select peerfolio.roll_back()"),
        .may(.operator, "select peerfolio.publish_run(1)"),
        .mayNot(.operator, "select * from peerfolio.runs"),
        .mayNot(.operator, "select * from peerfolio.publication"),
        .mayNot(.operator, "select * from peerfolio.schema_migrations"),
        .mayNot(.operator, "select * from peerfolio_bi.run_history"),
        .mayNot(.operator, "update peerfolio.publication set live_run_id = 1"),
        .mayNot(.operator, "select peerfolio.lock_publication()"),
        .mayNot(.operator, "select peerfolio.analyze_slot(0::smallint)"),
        .mayNot(.operator, "select peerfolio.analyze_slots()"),
        .mayNot(.operator, "select peerfolio.ensure_slots(9)"),
        .mayNot(.operator, "create temporary table mine (a integer)"),
        .mayNot(.operator, "set role peerfolio_owner"),
    ]

    private static let reading: [Case] = [
        .may(.reader, "select * from peerfolio_bi.recommendations"),
        .may(.reader, "select * from peerfolio_bi.run_history"),
        .mayNot(.reader, "select * from peerfolio_bi.my_clients"),
        .mayNot(.reader, "delete from peerfolio.run_clients"),
        .mayNot(.reader, "drop view peerfolio_bi.clients"),
        .mayNot(.reader, "create view peerfolio_bi.mine as select 1"),
        .mayNot(.reader, "select * from peerfolio_bi.recommendations for share"),
        .mayNot(.reader, "lock table peerfolio_bi.recommendations in row exclusive mode"),
        .mayNot(.reader, "select * from peerfolio.runs"),
        .mayNot(.reader, "select peerfolio.request_run()"),
        .mayNot(.reader, "select peerfolio.ensure_slots(9)"),
        .may(.manager, "select * from peerfolio_bi.my_clients"),
        .may(.manager, "select * from peerfolio_bi.my_suggestions"),
        .mayNot(.manager, "select * from peerfolio_bi.clients"),
        .mayNot(.manager, "select * from peerfolio_bi.top_suggestions"),
        .mayNot(.manager, "select * from peerfolio_bi.run_findings"),
        .mayNot(.manager, "select * from peerfolio.managers"),
        .mayNot(.manager, "insert into peerfolio.managers values (current_user, 'somebody')"),
        .mayNot(.manager, "select * from peerfolio.run_clients"),
        .mayNot(.manager, "set role peerfolio_reader"),
        .mayNot(.stranger, "select * from peerfolio_bi.recommendations"),
        .mayNot(.stranger, "select * from peerfolio_bi.my_clients"),
        .mayNot(.stranger, "select * from peerfolio.runs"),
        .mayNot(.stranger, "select peerfolio.request_run()"),
        .mayNot(.stranger, "select peerfolio.roll_back()"),
        .mayNot(.stranger, "create table peerfolio.mine (a integer)"),
        .mayNot(.stranger, "set role peerfolio_reader"),
    ]

    /// Every role, tried with logins that are members: all that it needs, and nothing beyond.
    @Test func everyRoleMayWhatItShouldAndNothingElse() async throws {
        let cases = Self.migrating + Self.running + Self.operating + Self.reading
        #expect(cases.count >= 41)
        #expect(Set(cases.map { "\($0.role) \($0.statement)" }).count == cases.count)
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                -- What a DBA takes from everybody, since nobody else can.
                do $$ begin
                    execute format('revoke create, temporary on database %I from public', current_database());
                end $$;
                revoke create on schema public from public;
                \(Self.openSchemas);
                create table dwh.holdings (client_id bigint);
                \(Self.threeRuns);
                insert into peerfolio.schedulers (channel, holder, host, process_id, program_version, lease, schedule)
                values ('live', '', '', 1, '', '1s', '');
                """)
            // In the order in which they do not take each other's ground away.
            for entry in Self.operating + Self.reading + Self.running + Self.migrating {
                let state = try await database.sqlState(of: "begin; \(entry.statement); rollback", as: entry.role)
                #expect(state == (entry.isAllowed ? nil : "42501"), "\(entry.role): \(entry.statement)")
            }
        }
    }

    /// What the catalog says of all objects, those included that somebody will add.
    @Test func everyFunctionIsPinnedAndNoRightIsPassedOn() async throws {
        try await TestServer.withMigratedDatabase { database in
            let loose = try await database.rows(
                """
                select p.oid::regprocedure::text, 'search_path' from pg_proc p
                where p.pronamespace in ('peerfolio'::regnamespace, 'peerfolio_bi'::regnamespace)
                  and not coalesce('search_path=pg_catalog, pg_temp' = any (p.proconfig), false)
                union all
                -- Views read with their owner's rights; those by caller are barriers.
                select c.oid::regclass::text, array_to_string(c.reloptions, ', ') from pg_class c
                where c.relnamespace = 'peerfolio_bi'::regnamespace
                  and c.reloptions is distinct from
                      case when c.relname like 'my\\_%' then array['security_barrier=true'] end
                union all
                select c.oid::regclass::text, 'with grant option' from pg_class c, aclexplode(c.relacl) a
                where c.relnamespace in ('peerfolio'::regnamespace, 'peerfolio_bi'::regnamespace)
                  and a.is_grantable and a.grantee <> 'peerfolio_owner'::regrole
                """)
            #expect(loose == [])
            // All that migrating made, not only those that the migrator says it makes.
            let roles = try await database.rows(
                """
                select rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin, rolinherit
                from pg_roles where rolname ~ '^peerfolio_' and rolname !~ '^peerfolio_test_' order by 1
                """)
            #expect(
                roles
                    == Migrator.roles.sorted().map { name in
                        [name, "f", "f", "f", "f", "f", "f", name == "peerfolio_migrator" ? "f" : "t"]
                    })
        }
    }

    @Test func thePublicHasNothing() async throws {
        try await TestServer.withMigratedDatabase { database in
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
            #expect(try await database.sqlState(of: "select * from peerfolio.runs", as: .stranger) == "42501")
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
