import Postgres
import TestSupport
import Testing

@testable import Holdings
@testable import SourceReading

/// What a read sees while loaders are at work.
@Suite(.requiresServer) struct SourceConsistencyTests {
    @Test func columnRightsSuffice() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric, secret text);
                insert into dwh.holdings values (1, 'A', 1, 'x');
                revoke all on dwh.holdings from peerfolio_test_runner;
                grant select (client_id, product_id, amount) on dwh.holdings to peerfolio_test_runner;
                """)
            let input = try await database.read(.long())
            #expect(input.held == ["1 A 1.0"])
        }
    }

    /// Locking a view locks what it reads, with its owner's rights: nothing is unlocked, and nothing to be reported.
    @Test func viewsAndPartitionsAreLockedAsAWhole() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create schema raw;
                create table raw.holdings (client_id bigint, product_id text, amount numeric) partition by list (product_id);
                create table raw.part_a partition of raw.holdings for values in ('A');
                create table raw.parent (client_id bigint, product_id text, amount numeric);
                create table raw.child () inherits (raw.parent);
                create view raw.inner_view as select * from raw.holdings union all select * from raw.parent;
                create view dwh.holdings as select * from raw.inner_view;
                insert into raw.holdings values (1, 'A', 1);
                """)
            let mapping = try SourceMapping.long()
            let date = try #require(BusinessDate("2026-06-30"))
            let plan = try await database.withSession(as: .runner) { session in
                try SourcePlan(mapping, asOf: date, session: session)
            }
            #expect(plan.locks == ["dwh.holdings"])
            #expect(plan.unlockable == [])
            let input = try await database.read(mapping)
            #expect(input.held == ["1 A 1.0"])
        }
    }

    /// A partition that is mapped itself has no parent to be locked with.
    @Test func aPartitionIsLockedToo() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.parted (client_id bigint, product_id text, amount numeric) partition by list (product_id);
                create table dwh.part_a partition of dwh.parted for values in ('A');
                create table dwh.part_b partition of dwh.parted for values in ('B');
                """)
            let date = try #require(BusinessDate("2026-06-30"))
            for (relation, locks) in [("dwh.part_a", ["dwh.part_a"]), ("dwh.parted", ["dwh.parted"])] {
                let mapping = try SourceMapping.long(.named(relation))
                let plan = try await database.withSession(as: .runner) { session in
                    try SourcePlan(mapping, asOf: date, session: session)
                }
                #expect(plan.locks == locks)
            }
        }
    }

    /// A loader that empties and refills a table, again and again.
    ///
    /// TRUNCATE is not MVCC-safe, so a read without locks would sometimes find nothing; nor may one with rights that do not
    /// suffice for LOCK TABLE.
    @Test(arguments: [false, true]) func neverSeesATruncatedTable(hasColumnRightsOnly: Bool) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.clients (client_id bigint);
                insert into dwh.clients select generate_series(1, 3000);
                create table dwh.holdings (client_id bigint, product_id text, amount numeric);
                insert into dwh.holdings select i, 'P0', 1 from generate_series(1, 200) i;
                """)
            if hasColumnRightsOnly { try await Self.grantColumnsOnly(database) }
            var mapping = try SourceMapping.long()
            mapping.clients = ClientsMapping(
                // Slow, so that loads happen between the first relation and the second.
                source: .query(
                    "select client_id from dwh.clients, lateral (select pg_sleep(0.02) where client_id % 500 = 1 union all select pg_sleep(0) where client_id % 500 <> 1) s"
                ),
                id: "client_id")
            let slow = mapping
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for load in 1...60 {
                        try await database.execute(
                            """
                            begin;
                            truncate dwh.holdings;
                            insert into dwh.holdings select i, 'P\(load)', 1 from generate_series(1, 200) i;
                            commit;
                            """)
                        try await Task.sleep(for: .milliseconds(10))
                    }
                }
                group.addTask {
                    for _ in 1...10 {
                        let input = try await database.read(slow)
                        #expect(input.holdings.pairCount == 200)
                        #expect(Set(input.holdings.products).count == 1)
                        #expect(input.roster.clients.count == 3000)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    private static func grantColumnsOnly(_ database: TestDatabase) async throws {
        try await database.execute(
            """
            revoke all on all tables in schema dwh from peerfolio_test_runner;
            grant select (client_id) on dwh.clients to peerfolio_test_runner;
            grant select (client_id, product_id, amount) on dwh.holdings to peerfolio_test_runner;
            """)
    }

    /// The worst moment: the snapshot is there, and the lock is waited for while the loader commits its TRUNCATE.
    @Test(arguments: ["truncate dwh.holdings", "drop table dwh.holdings; alter table dwh.next rename to holdings"])
    func aTableThatIsReplacedWhileItsLockIsWaitedForIsReadAnew(replacement: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.clients (client_id bigint);
                insert into dwh.clients values (1);
                create table dwh.holdings (client_id bigint, product_id text, amount numeric);
                insert into dwh.holdings values (1, 'old', 1);
                create table dwh.next (client_id bigint, product_id text, amount numeric);
                """)
            try await Self.grantColumnsOnly(database)
            try await database.execute(
                "grant select (client_id, product_id, amount) on dwh.next to peerfolio_test_runner")
            var mapping = try SourceMapping.long()
            mapping.clients = ClientsMapping(source: try .named("dwh.clients"), id: "client_id")
            let both = mapping
            let date = try #require(BusinessDate("2026-06-30"))
            let reader = try await PostgresConnection.open(ConnectionSettings(conninfo: database.conninfo(.runner)))
            let plan = try await reader.withSession { try SourcePlan(both, asOf: date, session: $0) }
            let ours = "database = (select oid from pg_database where datname = current_database())"
            let load = Task {
                try await database.execute(
                    """
                    begin;
                    lock table dwh.holdings in access exclusive mode;
                    \(replacement);
                    do $$ begin
                        while not exists (select from pg_locks where not granted and \(ours)) loop
                            perform pg_sleep(0.01);
                        end loop;
                    end $$;
                    insert into dwh.holdings values (1, 'new', 1);
                    commit;
                    """)
            }
            let isLocked =
                "select count(*) > 0 from pg_locks where mode = 'AccessExclusiveLock' and granted and \(ours)"
            while try await database.value(isLocked) == "f" { try await Task.sleep(for: .milliseconds(10)) }
            let held = try await reader.withSession { session in
                try SourceReader(plan, statementTimeout: .seconds(30), lockTimeout: .seconds(20))
                    .read(session).held
            }
            #expect(held == ["1 new 1.0"])
            try await load.value
            await reader.close()
        }
    }

    /// A loader that holds a source for too long ends the read with an error that says try again.
    @Test func waitsForALoaderOnlySoLong() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric);
                insert into dwh.holdings values (1, 'A', 1);
                """)
            let mapping = try SourceMapping.long()
            let date = try #require(BusinessDate("2026-06-30"))
            let reader = try await PostgresConnection.open(ConnectionSettings(conninfo: database.conninfo(.runner)))
            let plan = try await reader.withSession { try SourcePlan(mapping, asOf: date, session: $0) }
            let loader = try await PostgresConnection.open(ConnectionSettings(conninfo: database.conninfo()))
            let (locked, signal) = AsyncStream<Void>.makeStream()
            let load = Task {
                try await loader.withSession { session in
                    try session.transaction { session in
                        try session.executeScript("truncate dwh.holdings")
                        signal.yield()
                        try session.executeScript("select pg_sleep(30)")
                    }
                }
            }
            for await _ in locked { break }
            let error = await #expect(throws: PostgresError.self) {
                try await reader.withSession { session in
                    _ = try SourceReader(
                        plan, statementTimeout: .seconds(5), lockTimeout: .milliseconds(100)
                    ).read(session)
                }
            }
            #expect(error?.sqlState == "55P03")
            #expect(error?.isRetryable == true)
            load.cancel()
            _ = await load.result
            await loader.close()
            await reader.close()
            // The loader was rolled back, and the rows are there.
            #expect(try await database.read(mapping).held == ["1 A 1.0"])
        }
    }

    /// Each load moves everybody from one product to the other in two tables at once; a read never sees half of it.
    @Test func readsRelationsThatChangeTogether() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.clients (client_id bigint, manager text);
                create table dwh.holdings (client_id bigint, product_id text, amount numeric);
                insert into dwh.clients select i, 'M0' from generate_series(1, 100) i;
                insert into dwh.holdings select i, 'M0', 1 from generate_series(1, 100) i;
                """)
            var mapping = try SourceMapping.long()
            mapping.clients = ClientsMapping(source: try .named("dwh.clients"), id: "client_id", manager: "manager")
            let both = mapping
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for load in 1...200 {
                        try await database.execute(
                            """
                            begin;
                            update dwh.clients set manager = 'M\(load)';
                            update dwh.holdings set product_id = 'M\(load)';
                            commit;
                            """)
                    }
                }
                group.addTask {
                    for _ in 1...40 {
                        let input = try await database.read(both)
                        #expect(input.roster.managers == input.productTexts)
                        #expect(input.roster.managers.count == 1)
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
