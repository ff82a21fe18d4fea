import Postgres
import Recommending
import TestSupport
import Testing

@testable import ResultStore

/// The descriptions of result tables are what the catalog has.
@Suite(.requiresServer) struct ResultTableTests {
    /// Every column of a table with its type, in the order of their names.
    private static func columns(of table: String) -> String {
        """
        select a.attname, format_type(a.atttypid, a.atttypmod)
        from pg_attribute a
        where a.attrelid = 'peerfolio.\(table)'::regclass and a.attnum > 0 and not a.attisdropped
        order by a.attname collate "C"
        """
    }

    private static func key(of table: String) -> String {
        """
        select a.attname
        from pg_index i
        cross join unnest(i.indkey::smallint[]) with ordinality as k(attnum, place)
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where i.indrelid = 'peerfolio.\(table)'::regclass and i.indisprimary
        order by k.place
        """
    }

    @Test(arguments: ["bigint", "text", "uuid"]) func haveTheColumnsAndKeysOfTheCatalog(clientType: String) async throws
    {
        try await TestServer.withMigratedDatabase(clientType: clientType) { database in
            for table in ResultPart.allTables {
                let types = ["{{client_id_type}}": clientType, "{{product_id_type}}": "text"]
                let described = table.columns.map { [$0.name, types[$0.type] ?? $0.type] }
                let (columns, key) = (
                    try await database.rows(Self.columns(of: table.name)),
                    try await database.rows(Self.key(of: table.name))
                )
                #expect(described.sorted { $0[0] < $1[0] } == columns, "\(table.name)")
                #expect(table.key.map { [$0] } == key, "\(table.name)")
            }
        }
    }

    @Test func areAllThatARunLoads() async throws {
        try await TestServer.withMigratedDatabase { database in
            let inSlots = try await database.rows(
                "select c.relname from peerfolio.slot_tables() t join pg_class c on c.oid = t")
            #expect(Set(inSlots) == Set(ResultPart.slotTables.map { [$0.name] }))
            // Those that go with their run; findings are there before anything is loaded.
            let others = try await database.rows(
                """
                select f.conrelid::regclass::text from pg_constraint f
                join pg_constraint k on k.conrelid = f.conrelid and k.contype = 'p' and k.conkey[1] = f.conkey[1]
                where f.contype = 'f' and f.confrelid = 'peerfolio.runs'::regclass and f.confdeltype = 'c'
                """)
            let described = ResultPart.allTables.filter { !$0.isInSlots }.map { ["peerfolio.\($0.name)"] }
            #expect(Set(others) == Set(described + [["peerfolio.run_checks"]]))
            for column in ResultPart.allTables.compactMap({ $0.countColumn }) {
                #expect(try await database.value("select count(\(column)) from peerfolio.runs") == "0")
            }
        }
    }

    /// Scores by signal are an array in the table: a case that moves would give figures another name.
    @Test func theViewNamesSignalsInTheOrderOfTheTable() async throws {
        try await TestServer.withMigratedDatabase { database in
            let view = try await database.value("select pg_get_viewdef('peerfolio.live_lists'::regclass)") ?? ""
            let array = try #require(view.firstMatch(of: /ARRAY\[('peers'.*?)\]/.dotMatchesNewlines())?.1, "\(view)")
            let names = array.matches(of: /'(\w+)'/)
            #expect(names.map { String($0.1) } == Signal.allCases.map(\.rawValue))
        }
    }

    @Test func giveTheServiceTheRightsThatItHas() async throws {
        try await TestServer.withMigratedDatabase { database in
            for table in ResultPart.allTables {
                let granted = try await database.rows(
                    """
                    select e.privilege_type from pg_class c, aclexplode(c.relacl) e
                    where c.oid = 'peerfolio.\(table.name)'::regclass and e.grantee = 'peerfolio_runner'::regrole
                    """)
                #expect(Set(granted) == Set(table.rights.map { [$0.privilege] }), "\(table.name)")
            }
        }
    }

    /// A table of a later migration needs no line in the functions.
    @Test func aNewTableGetsSlotsAndStatistics() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                set role peerfolio_owner;
                create table peerfolio.run_words (slot smallint, run_id bigint, word text, primary key (slot, run_id))
                    partition by list (slot);
                create table peerfolio.run_sums (run_id bigint primary key references peerfolio.runs on delete cascade);
                select peerfolio.ensure_slots(5);
                """)
            let slots = try await database.rows(
                """
                select inhparent::regclass::text, count(*) from pg_inherits
                where inhparent in (select peerfolio.slot_tables()) group by 1
                """)
            let tables = ResultPart.slotTables.map { $0.name } + ["run_words"]
            #expect(Set(slots) == Set(tables.map { ["peerfolio.\($0)", "5"] }))
            try await database.execute(
                """
                insert into peerfolio.run_words select 4, n, 'word' from generate_series(1, 100) as n;
                insert into peerfolio.runs (channel, status, phase, trigger) values ('live', 'queued', 'start', 'manual');
                insert into peerfolio.run_sums select run_id from peerfolio.runs;
                """)
            try await database.withSession(as: .runner) { session in
                _ = try session.execute("select peerfolio.analyze_slot(4::smallint)")
            }
            #expect(
                try await database.rows(
                    """
                    select relname, reltuples > 0 from pg_class
                    where relname in ('run_words_slot_4', 'run_words_slot_3', 'run_sums') order by relname
                    """) == [["run_sums", "t"], ["run_words_slot_3", "f"], ["run_words_slot_4", "t"]])
        }
    }
}
