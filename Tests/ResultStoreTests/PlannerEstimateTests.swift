import Postgres
import TestSupport
import Testing

@testable import ResultStore

/// The planner knows about how many rows a view shows, so that it joins few rows as few and many as many.
///
/// A wrong guess once made `client_suggestions` of one manager take a minute. Plans change between versions of the server,
/// so the estimates are looked at.
@Suite(.requiresServer) struct PlannerEstimateTests {
    private static let clientCount = 3_000

    /// Loads and publishes a run of 3,000 clients of 30 managers with ten suggestions each, as runs do it.
    private static func publishRun(_ database: TestDatabase) async throws {
        try await database.withSession(as: .runner) { session in
            let lease = try RunLog(session).start(.test())
            try session.executeScript(
                """
                insert into peerfolio.run_products
                select \(lease.runID), 'P' || p, 'Product ' || p, 1, 0.5, true from generate_series(0, 99) p;
                insert into flat.run_clients (slot, run_id, client_id, status, portfolio_size, peers, manager)
                select \(lease.slot), \(lease.runID), c, 'scored', 5, 200, 'M' || c % 30
                from generate_series(1, \(clientCount)) c;
                insert into flat.recommendations (slot, run_id, client_id, rank, product_id, score, peers,
                    peers_holding, reason_code)
                select \(lease.slot), \(lease.runID), c, r, 'P' || (c * 7 + r * r) % 100, 1.0 / r, 200, 1, 'PEERS'
                from generate_series(1, \(clientCount)) c, generate_series(1, 10) r;
                update peerfolio.runs set recommendations = \(clientCount * 10), checksum = 0
                where run_id = \(lease.runID);
                """)
            try ResultWriter(session, lease).analyze()
            try Publication(session).publish(lease)
            try RunLog(session).freeSlot(of: 4, after: lease)
            try RunLog(session, statementTimeout: .seconds(30)).sweep(keeping: 100)
            try ResultWriter(session, lease).analyzeAllSlots()
        }
    }

    private struct Case {
        var role = TestDatabase.Role.reader
        let query: String
    }

    private static let cases = [
        Case(query: "clients where manager = 'M7'"),
        Case(query: "clients where client_id = 1234"),
        Case(query: "recommendations where client_id = 1234"),
        Case(query: "recommendations where product_id = 'P17'"),
        Case(query: "top_suggestions"),
        Case(query: "top_suggestions where manager = 'M7'"),
        Case(query: "top_suggestions where client_id = 1234"),
        Case(query: "top_suggestions where product_id = 'P17'"),
        Case(query: "client_suggestions"),
        Case(query: "client_suggestions where manager = 'M7'"),
        Case(query: "client_suggestions where client_id = 1234"),
        Case(role: .manager, query: "my_clients"),
        Case(role: .manager, query: "my_suggestions"),
    ]

    /// How many rows the planner expects of a query, and how many come.
    private static func rows(_ sample: Case, _ database: TestDatabase) async throws -> (expected: Double, found: Double)
    {
        let query = "from peerfolio_bi.\(sample.query)"
        let plan = try #require(try await database.value("explain select * \(query)", as: sample.role))
        let expected = try #require(plan.firstMatch(of: /rows=(\d+)/).flatMap { Double($0.1) })
        let found = try await database.value("select count(*) \(query)", as: sample.role)
        return (expected, try #require(found.flatMap(Double.init)))
    }

    @Test func estimatesAreWithinTenTimesOfWhatComes() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                FlatRows.script
                    + "insert into peerfolio.managers values ('\(TestDatabase.Role.manager.rawValue)', 'M7')")
            for run in 1...5 {
                try await Self.publishRun(database)
                for sample in Self.cases {
                    let (expected, found) = try await Self.rows(sample, database)
                    #expect(found > 0)
                    #expect(
                        expected <= found * 10 && found <= expected * 10,
                        "run \(run), \(sample.query): \(expected), \(found) come")
                }
            }
        }
    }

    /// Another run that is collecting statistics over all slots, or a VACUUM, holds up no run.
    @Test func aLockOnAllSlotsIsNotWaitedFor() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(FlatRows.script + "create table public.runs_over (run bigint)")
            let other = Task {
                try await database.execute(
                    """
                    begin;
                    lock table only peerfolio.recommendations, only peerfolio.run_clients in share update exclusive mode;
                    do $$ begin
                        while not exists (select from public.runs_over) loop
                            perform pg_sleep(0.01);
                        end loop;
                    end $$;
                    commit;
                    """)
            }
            let isLocked = """
                select count(*) > 0 from pg_locks
                where relation = 'peerfolio.run_clients'::regclass and mode = 'ShareUpdateExclusiveLock' and granted
                  and database = (select oid from pg_database where datname = current_database())
                """
            while try await database.value(isLocked) == "f" { try await Task.sleep(for: .milliseconds(10)) }
            try await Self.publishRun(database)
            try await database.execute("insert into public.runs_over values (1)")
            try await other.value
            let analyzed = try await database.rows(
                """
                select distinct c.relkind from pg_statistic s join pg_class c on c.oid = s.starelid
                where c.oid in ('peerfolio.recommendations'::regclass, 'peerfolio.recommendations_slot_0'::regclass)
                """)
            #expect(analyzed == [["r"]])
            try await Self.publishRun(database)
            let later = try await database.value(
                "select count(*) > 0 from pg_statistic where starelid = 'peerfolio.recommendations'::regclass")
            #expect(later == "t")
        }
    }
}
