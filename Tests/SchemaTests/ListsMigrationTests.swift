import Postgres
import TestSupport
import Testing

@testable import Schema

/// An installation with a row per client and suggestion becomes one with lists, and says the same.
@Suite(.requiresServer) struct ListsMigrationTests {
    private static let migrator = Migrator(programVersion: "test")
    /// Migrations before those that bring lists.
    private static let earlier = 9

    /// What runs have said to whom, before and after.
    private static let before = """
        select r.run_id, r.client_id, r.rank, r.product_id, r.score, r.peers, r.peers_holding, r.reason_code, r.propensity,
               k.status, k.portfolio_size, k.kth_distance, k.manager, r.signal_scores->>'ease' as ease
        from peerfolio.run_clients k left join peerfolio.recommendations r using (slot, run_id, client_id)
        where k.run_id in (1, 2) order by k.run_id, k.client_id, r.rank
        """
    private static let after = """
        select r.run_id, r.client_id, r.rank, r.product_id, r.score, r.peers, r.peers_holding, r.reason_code, r.propensity,
               k.status, k.portfolio_size, k.kth_distance, k.manager, r.signal_scores->>2
        from flat.run_clients k left join flat.recommendations r using (slot, run_id, client_id)
        where k.run_id in (1, 2) order by k.run_id, k.client_id, r.rank
        """

    /// Three runs that have succeeded, of which two are published, and one that is going on.
    private static func runs(_ clientType: String) -> String {
        """
        select peerfolio.ensure_slots(4);
        insert into peerfolio.runs (channel, status, phase, trigger, term, as_of_date, config, config_hash, host,
            process_id, program_version, slot, finished_at, clients, recommendations, checksum)
        select 'live', case n when 4 then 'running' else 'succeeded' end, 'done', 'manual', n, '2026-06-30', '{}', '', '', 1,
               '', n - 1, case when n < 4 then now() end, 50, 150, 1
        from generate_series(1, 4) n;
        update peerfolio.publication set live_run_id = 2, live_slot = 1, previous_run_id = 1, previous_slot = 0;
        insert into peerfolio.run_clients
        select n - 1, n, (c + 100)::text::\(clientType), case c % 10 when 0 then 'excluded' else 'scored' end, c % 3, 10,
               case when c % 3 > 0 then 0.5 end, case c % 2 when 0 then 'Ana "é"' end
        from generate_series(1, 4) n, generate_series(0, 49) c;
        -- Scores that differ in their last digit, texts with odd letters, and some parts of scores.
        insert into peerfolio.recommendations
        select n - 1, n, (c + 100)::text::\(clientType), k, 'P "' || (c % 4 + k) || '" é', 0.1 + (c % 4) * 3e-17 + k / 30.0,
               10, 0.1 * k, case k when 3 then 'HYBRID' else 'PEERS' end, case c % 2 when 0 then 0.3 end,
               case k when 3 then '{"ease": 0.1, "peers": 0}'::jsonb end
        from generate_series(1, 4) n, generate_series(0, 49) c, generate_series(1, 3) k
        where c % 10 <> 0;
        """
    }

    /// An empty database in a cluster that has the roles.
    private static func withDatabase(_ body: (String) async throws -> Void) async throws {
        try await TestServer.withMigratedDatabase { _ in }
        try await TestServer.withDatabase(body)
    }

    /// Installs what came before lists, with some runs.
    private static func installEarlier(_ session: Session, _ parameters: SchemaParameters) throws {
        try session.executeScript(EmbeddedSQL.bootstrap.text)
        for (number, file) in EmbeddedSQL.migrations.prefix(earlier).enumerated() {
            try session.executeScript("set role peerfolio_owner;" + parameters.apply(to: file.text))
            try session.execute(
                """
                insert into peerfolio.schema_migrations (version, name, checksum, program_version)
                values ($1, $2, encode(sha256(convert_to($3, 'UTF8')), 'hex'), 'test')
                """, [.bigint(Int64(number + 1)), .text(file.name), .text(file.text)])
        }
        try session.executeScript("\(runs(parameters.clientIDType)); reset role")
    }

    /// A report that has read the results and then asks the run log keeps the migration waiting, and does not wait for it.
    @Test func doesNotHoldUpAReport() async throws {
        let parameters = SchemaParameters(clientIDType: "bigint", productIDType: "text", slots: 4)
        try await Self.withDatabase { conninfo in
            let settings = try ConnectionSettings(conninfo: conninfo)
            try await PostgresConnection.withSession(settings) { try Self.installEarlier($0, parameters) }
            async let report = PostgresConnection.withSession(settings) { try Self.report($0) }
            // The report waits for the upgrade to wait for it.
            try await Task.sleep(for: .milliseconds(50))
            let applied = try await PostgresConnection.withSession(settings) { session in
                try Self.migrator.up(session, parameters: parameters)
            }
            #expect(applied.prefix(2) == ["run_lists", "lists"])
            #expect(try await report == 4)
        }
    }

    /// Reads the results, waits until somebody wants them for himself, and counts the runs.
    private static func report(_ session: Session) throws -> Int {
        try session.transaction(.readWrite.setting("lock_timeout", "10s")) { session in
            try session.execute("select count(*) from peerfolio.recommendations")
            var isAwaited = false
            while !isAwaited {
                isAwaited = try session.execute(
                    """
                    select exists (select from pg_locks l where l.relation = 'peerfolio.recommendations'::regclass
                                   and l.mode = 'AccessExclusiveLock' and not l.granted),
                           pg_sleep(0.01), set_config('statement_timeout', '60s', true)
                    """
                ).rows[0].get(at: 0)
            }
            return try session.execute("select count(*) from peerfolio.runs").rows[0].get(at: 0)
        }
    }

    @Test(arguments: ["bigint", "text"]) func saysTheSame(clientType: String) async throws {
        let parameters = SchemaParameters(clientIDType: clientType, productIDType: "text", slots: 4)
        try await Self.withDatabase { conninfo in
            let connection = try await PostgresConnection.open(ConnectionSettings(conninfo: conninfo))
            let found = try await connection.withSession { session -> [[[String?]]] in
                try Self.installEarlier(session, parameters)
                let before = try session.execute(Self.before).rows.map(\.values)
                #expect(try Self.migrator.up(session, parameters: parameters).prefix(2) == ["run_lists", "lists"])
                try session.executeScript(FlatRows.script)
                let runs = try session.execute(
                    """
                    select run_id, status, reason_code, slot, lists, contents_checksum is not null, checksum
                    from peerfolio.runs order by run_id
                    """)
                let retired = try session.execute("select 1 from pg_class where relname ~ '^(retired|new)_'")
                let after = try session.execute(Self.after).rows.map(\.values)
                return [before, after, runs.rows.map(\.values), retired.rows.map(\.values)]
            }
            let (before, after) = (found[0], found[1])
            #expect(before.count == 2 * (45 * 3 + 5) && before == after)
            #expect(
                found[2] == [
                    ["1", "succeeded", nil, "0", "15", "t", "1"], ["2", "succeeded", nil, "1", "15", "t", "1"],
                    ["3", "succeeded", nil, nil, nil, "f", "1"], ["4", "failed", "FENCE_LOST", nil, nil, "f", "1"],
                ])
            #expect(found[3].isEmpty)
            await connection.close()
        }
    }
}
