import TestSupport
import Testing

/// Functions are open to nobody by default, and what runs as the owner calls nothing of anybody else.
@Suite(.requiresServer) struct FunctionPrivilegeTests {
    /// A function that the owner adds is closed until it is granted.
    @Test func aLaterFunctionIsNotOpenToEverybody() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                set role peerfolio_owner;
                create function peerfolio.later() returns integer language sql as 'select 1';
                reset role;
                grant usage on schema peerfolio to peerfolio_test_stranger
                """)
            #expect(try await database.sqlState(of: "select peerfolio.later()", as: .stranger) == "42501")
        }
    }

    /// Objects of the caller's that have the names of what a function uses stand before it in no search_path.
    @Test func plantedObjectsFoolNoFunctionThatRunsAsTheOwner() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                \(PrivilegeTests.threeRuns);
                create schema evil;
                grant usage, create on schema evil to public;
                create table evil.stolen (who text);
                grant insert on evil.stolen to public;
                grant usage on schema peerfolio to peerfolio_test_stranger;
                grant execute on all functions in schema peerfolio to peerfolio_test_stranger;
                """)
            let definers = try await database.rows(
                """
                select proname from pg_proc where pronamespace = 'peerfolio'::regnamespace and prosecdef order by 1
                """)
            #expect(
                definers.map { $0[0] ?? "" } == [
                    "analyze_slot", "analyze_slots", "cancel_run", "lock_publication", "publish_run", "request_run",
                    "roll_back",
                ])
            try await database.execute(
                """
                create temporary table runs (run_id bigint, channel text, status text, slot smallint);
                create temporary table publication (channel text, live_run_id bigint);
                create temporary table run_products (a integer);
                create temporary table recommendations_slot_0 (a integer);
                create temporary table pg_class (oid oid);
                create temporary table pg_attribute (attrelid oid);
                create domain pg_temp.text as integer;
                create domain pg_temp.smallint as pg_catalog.text;
                create domain pg_temp.bigint as pg_catalog.text;
                create function evil.clock_timestamp() returns timestamptz language plpgsql as
                    $$ begin insert into evil.stolen values (current_user); return now(); end $$;
                create function evil.pg_notify(pg_catalog.text, pg_catalog.text) returns void language plpgsql as
                    $$ begin insert into evil.stolen values (current_user); end $$;
                create function evil.format(pg_catalog.text, pg_catalog.text) returns pg_catalog.text language plpgsql as
                    $$ begin insert into evil.stolen values (current_user); return 'select 1'; end $$;
                create function evil.quote_ident(name) returns pg_catalog.text language plpgsql as
                    $$ begin insert into evil.stolen values (current_user); return 'run_id'; end $$;
                create function evil.length(pg_catalog.text) returns integer language plpgsql as
                    $$ begin insert into evil.stolen values (current_user); return 1; end $$;
                create function evil.same(pg_catalog.text, pg_catalog.text) returns boolean language plpgsql as
                    $$ begin insert into evil.stolen values (current_user); return true; end $$;
                create operator evil.= (leftarg = pg_catalog.text, rightarg = pg_catalog.text, function = evil.same);
                set search_path = pg_temp, evil, pg_catalog;
                select peerfolio.roll_back();
                select peerfolio.publish_run(1);
                select peerfolio.request_run('planted');
                select peerfolio.cancel_run(4);
                select peerfolio.analyze_slot(0::pg_catalog.int2);
                select peerfolio.analyze_slots();
                select peerfolio.lock_publication();
                """, as: .stranger)
            #expect(try await database.rows("select * from evil.stolen") == [])
            #expect(
                try await database.rows("select live_run_id, previous_run_id, published_by from peerfolio.publication")
                    == [["1", "2", "peerfolio_test_stranger"]])
            #expect(
                try await database.rows("select status, request_reason from peerfolio.runs where run_id = 4")
                    == [["cancelled", "planted"]])
        }
    }
}
