import Postgres
import TestSupport
import Testing

/// What a manager sees of other managers' clients: nothing, by whatever means a login has.
@Suite(.requiresServer) struct ManagerViewTests {
    private static let manager = TestDatabase.Role.manager.rawValue

    /// A published run with 300 clients: a third each of Ana, Bruno and nobody.
    private static let run =
        FlatRows.script + """
            insert into peerfolio.runs (channel, status, phase, trigger, term, as_of_date, config, config_hash, host,
                process_id, program_version, slot, finished_at, published_at)
            values ('live', 'succeeded', 'done', 'manual', 1, '2026-06-30', '{}', '', '', 1, '', 0, now(), now());
            update peerfolio.publication set live_run_id = 1, live_slot = 0;
            insert into peerfolio.run_products values (1, 'P', 'Product', 1, 0.5, true);
            insert into flat.run_clients (slot, run_id, client_id, status, portfolio_size, peers, manager)
            select 0, 1, i, 'scored', 1, 10, case i % 3 when 0 then 'Ana' when 1 then 'Bruno' end
            from generate_series(1, 300) i;
            insert into flat.recommendations (slot, run_id, client_id, rank, product_id, score, peers, peers_holding,
                reason_code)
            select 0, 1, i, 1, 'P', 0.5, 10, 5, 'PEERS' from generate_series(1, 300) i;
            analyze peerfolio.run_clients, peerfolio.run_lists, peerfolio.recommendations;
            """

    private static func withRun(_ body: (TestDatabase) async throws -> Void) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(run)
            try await body(database)
        }
    }

    private static func show(_ manager: String) -> String {
        "insert into peerfolio.managers values ('\(Self.manager)', '\(manager)')"
    }

    private static let counts = """
        select (select count(*) from peerfolio_bi.my_clients), (select count(*) from peerfolio_bi.my_suggestions)
        """

    @Test func nothingIsSeenUntilItIsWritten() async throws {
        try await Self.withRun { database in
            #expect(try await database.rows(Self.counts, as: .manager) == [["0", "0"]])
            try await database.execute(Self.show("Ana"))
            #expect(try await database.rows(Self.counts, as: .manager) == [["100", "100"]])
            let seen = try await database.rows(
                """
                select distinct c.manager, s.manager from peerfolio_bi.my_clients c
                full join peerfolio_bi.my_suggestions s using (client_id)
                """, as: .manager)
            #expect(seen == [["Ana", "Ana"]])
            // A name in other letters is another manager, and a client without a manager is nobody's.
            try await database.execute(Self.show("bruno"))
            try await database.execute(Self.show(""))
            #expect(try await database.rows(Self.counts, as: .manager) == [["100", "100"]])
            try await database.execute(Self.show("Bruno"))
            #expect(try await database.rows(Self.counts, as: .manager) == [["200", "200"]])
            // A superuser who is no manager has no clients.
            #expect(try await database.rows(Self.counts) == [["0", "0"]])
        }
    }

    /// The views have the columns of those that they narrow down.
    @Test func theViewsHaveTheColumnsOfThoseForReaders() async throws {
        try await TestServer.withMigratedDatabase { database in
            for (mine, all) in [("my_clients", "clients"), ("my_suggestions", "top_suggestions")] {
                let columns = """
                    select attname, format_type(atttypid, atttypmod) from pg_attribute
                    where attnum > 0 and attrelid = 'peerfolio_bi.%'::regclass order by attnum
                    """
                let (left, right) = (
                    try await database.rows(columns.replacing("%", with: mine)),
                    try await database.rows(columns.replacing("%", with: all))
                )
                #expect(left == right && !left.isEmpty, "\(mine)")
            }
        }
    }

    /// A function of the caller's own that keeps what it is given, so cheap that the planner would run it first.
    private static let leak = """
        create temporary table leaked (what text);
        create function pg_temp.leak(text) returns boolean language plpgsql cost 0.0000001 as
            $$ begin insert into leaked values ($1); return true; end $$
        """

    /// Functions and operators of the caller's own, cheap enough to be run first, see the caller's own rows only.
    @Test(arguments: [
        "pg_temp.leak(client_id::text || manager)", "client_id / (client_id - 301) <> 7 and pg_temp.leak(manager)",
        "pg_temp.leak(client_id::text) is not null", "manager operator(pg_temp.@@@) ''::text",
        "manager ~ 'Bruno' or pg_temp.leak(manager)", "case when pg_temp.leak(manager) then true else true end",
    ])
    func functionsOfTheCallerSeeNoOtherRow(condition: String) async throws {
        try await Self.withRun { database in
            try await database.execute(Self.show("Ana"))
            for view in ["my_clients", "my_suggestions"] {
                let leaked = try await database.withSession(as: .manager) { session in
                    try session.executeScript(
                        """
                        \(Self.leak);
                        create function pg_temp.leak_both(text, text) returns boolean language plpgsql
                            cost 0.0000001 as $$ begin insert into leaked values ($1); return true; end $$;
                        create operator pg_temp.@@@ (
                            leftarg = text, rightarg = text, function = pg_temp.leak_both, restrict = contsel);
                        set enable_hashjoin = off;
                        """)
                    let seen = try session.execute(
                        "select count(*), count(*) filter (where manager <> 'Ana') from peerfolio_bi.\(view) where \(condition)"
                    ).rows[0].values
                    let leaked = try session.execute(
                        "select count(*) from leaked where what ~ 'Bruno' or what is null or what::text ~ '^[0-9]+$' and what::bigint % 3 <> 0"
                    ).rows[0].values
                    return seen + leaked
                }
                #expect(leaked == ["100", "0", "0"], "\(view): \(condition)")
            }
        }
    }

    /// An error would tell that there is such a client.
    @Test func anErrorIsNoOracle() async throws {
        try await Self.withRun { database in
            try await database.execute(Self.show("Ana"))
            // Client 1 is Bruno's, client 2 nobody's, client 3 Ana's.
            for (client, state) in [(1, nil), (2, nil), (3, "22012")] {
                let found = try await database.sqlState(
                    of: "select * from peerfolio_bi.my_clients where 1 / (client_id - \(client)) = 5", as: .manager)
                #expect(found == state, "\(client)")
            }
            for statement in [
                "select manager::integer from peerfolio_bi.my_clients where manager <> 'Ana'",
                "select * from peerfolio_bi.my_clients where manager = 'Bruno' and manager::integer = 1",
            ] {
                #expect(try await database.sqlState(of: statement, as: .manager) == nil, "\(statement)")
            }
        }
    }

    /// Without `security_barrier` the same function sees everything: the test can tell the difference.
    @Test func withoutTheBarrierTheLeakIsReal() async throws {
        try await Self.withRun { database in
            try await database.execute(Self.show("Ana"))
            try await database.execute("alter view peerfolio_bi.my_clients reset (security_barrier)")
            let leaked = try await database.withSession(as: .manager) { session in
                try session.executeScript(Self.leak)
                try session.execute("select count(*) from peerfolio_bi.my_clients where pg_temp.leak(manager)")
                return try session.execute("select count(*) from leaked where what = 'Bruno'").rows[0].values
            }
            #expect(leaked != ["0"])
        }
    }

    /// The role that counts is the one that the session has become, which takes a membership.
    @Test func aRoleIsBecomeByMembershipOnly() async throws {
        try await Self.withRun { database in
            let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 36)
            let (pool, ana) = ("peerfolio_test_pool_\(suffix)", "peerfolio_test_ana_\(suffix)")
            try await database.execute(
                """
                create role \(ana) nologin;
                grant peerfolio_manager to \(ana);
                insert into peerfolio.managers values ('\(ana)', 'Ana');
                """)
            // A manager who is not a member of the other's role does not become it.
            #expect(try await database.sqlState(of: "set role \(ana)", as: .manager) == "42501")
            let attempts = [
                "set session authorization \(ana)", "set local role \(ana)",
                "alter role \(ana) rename to \(pool)",
            ]
            for attempt in attempts {
                #expect(try await database.sqlState(of: attempt, as: .manager) == "42501", "\(attempt)")
            }
            // The group itself has no clients, and a pool's login that may become a manager has that manager's.
            let asGroup = try await database.withSession(as: .manager) { session in
                try session.executeScript("set role peerfolio_manager")
                return try session.execute(Self.counts).rows[0].values
            }
            #expect(asGroup == ["0", "0"])
            try await database.execute("grant \(ana) to \(Self.manager)")
            let asAna = try await database.withSession(as: .manager) { session in
                let before = try session.execute(Self.counts).rows[0].values
                try session.executeScript("set role \(ana)")
                return before + (try session.execute(Self.counts).rows[0].values)
            }
            try await database.execute("revoke \(ana) from \(Self.manager)")
            #expect(asAna == ["0", "0", "100", "100"])
        }
    }

    /// A function that runs as its owner shows the owner's clients to its caller, never the caller's to its owner.
    @Test func aFunctionOfAnothersDoesNotGetTheCallersClients() async throws {
        try await Self.withRun { database in
            try await database.execute(Self.show("Ana"))
            let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 36)
            let bruno = "peerfolio_test_bruno_\(suffix)"
            try await database.execute(
                """
                create role \(bruno) nologin;
                grant peerfolio_manager to \(bruno);
                create schema trap authorization \(bruno);
                set role \(bruno);
                create function trap.useful() returns bigint language sql security definer
                    as 'select count(*) from peerfolio_bi.my_clients';
                reset role;
                grant usage on schema trap to public;
                """)
            #expect(try await database.rows("select trap.useful()", as: .manager) == [["0"]])
        }
    }

    /// What EXPLAIN gives away is documented: estimates come from statistics of the whole table.
    @Test func explainShowsEstimatesAndNoRows() async throws {
        try await Self.withRun { database in
            try await database.execute(Self.show("Ana"))
            let plan = try await database.rows(
                "explain (analyze, costs off, timing off, summary off) select * from peerfolio_bi.my_clients where manager = 'Bruno'",
                as: .manager
            ).compactMap { $0[0] }
            #expect(plan.first?.contains("rows=0") == true, "\(plan)")
        }
    }
}
