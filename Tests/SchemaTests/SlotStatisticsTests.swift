import Postgres
import TestSupport
import Testing

@testable import Schema

/// What the planner knows about slots.
@Suite(.requiresServer) struct SlotStatisticsTests {
    /// What is known of a slot and of all slots together before a migration.
    enum Knowledge: CaseIterable {
        /// Nothing, as after `pg_upgrade`.
        case none
        /// How many rows there are, since a dump makes the primary key when they are loaded.
        case size
        /// Everything of the slot, which autovacuum has analyzed, and nothing of all slots together.
        case slot
    }

    /// Neither a new slot nor one that a dump or `pg_upgrade` has brought is unknown to the planner.
    @Test(arguments: Knowledge.allCases) func slotsWithoutStatisticsAreAnalyzed(before: Knowledge) async throws {
        let unknown = """
            select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
            where i.inhparent in (select peerfolio.slot_tables()) and c.reltuples < 0
            """
        let known = """
            select c.relname, c.reltuples, s.stainherit
            from pg_statistic s join pg_class c on c.oid = s.starelid join pg_attribute a
                on a.attrelid = c.oid and a.attnum = s.staattnum and a.attname = 'client_id'
            where c.relname ~ '^run_clients' and c.relkind in ('r', 'p')
            order by 1
            """
        try await TestServer.withMigratedDatabase { database in
            #expect(try await database.rows(unknown) == [])
            try await database.execute(
                """
                insert into peerfolio.run_clients (slot, run_id, client_id, list_number)
                select 1, 1, c, c % 7 from generate_series(1, 500) c;
                alter table peerfolio.run_clients_slot_1 set (autovacuum_enabled = off);
                analyze peerfolio.run_clients_slot_1;
                """)
            if before != .slot {
                try await database.execute(
                    "delete from pg_statistic where starelid = 'peerfolio.run_clients_slot_1'::regclass")
                #expect(try await database.rows(known) == [])
            }
            if before == .none {
                let never = try await TestServer.version() >= 140_000 ? -1 : 0
                try await database.execute(
                    """
                    update pg_class set relpages = 0, reltuples = \(never)
                    where oid = 'peerfolio.run_clients_slot_1'::regclass
                    """)
            }
            try await database.withSession {
                let parameters = SchemaParameters(clientIDType: "bigint", productIDType: "text", slots: 4)
                _ = try Migrator(programVersion: "test").up($0, parameters: parameters)
            }
            let all = try await database.rows(known)
            #expect(all.map { $0[0] } == ["run_clients", "run_clients_slot_1"])
            #expect(all.last?[1] == "500")
        }
    }
}
