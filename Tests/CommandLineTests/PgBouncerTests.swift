import Foundation
import Postgres
import TestSupport
import Testing

extension FaultTests {
    /// Behind a pooler in transaction mode, where sessions are shared and nobody's.
    @Suite(.serialized) struct PgBouncerTests {
        @Test func everyCommandWorksAndLeavesNothingInTheSessions() async throws {
            try await Installation.withDemo { installation in
                try await PgBouncer.with(installation) { bouncer in
                    let pooled = ["PEERFOLIO_CONNECTION": try await bouncer.conninfo(installation)]
                    func pass(_ arguments: String...) async throws -> String {
                        expectSuccess(
                            try await ChildProcess.run(
                                PeerfolioBinary.url(), arguments + ["--config", installation.config.path],
                                environment: pooled, in: installation.folder))
                    }
                    #expect(try await pass("check").contains("rights complete"))
                    #expect(try await pass("migrate", "verify") == "the schema is current\n")
                    #expect(try await pass("run").contains("run 1 succeeded"))
                    #expect(try await pass("run").contains("run 2 succeeded"))
                    #expect(try await pass("runs").contains("live"))
                    #expect(try await pass("rollback").contains("run 1 is live again"))
                    #expect(try await pass("publish", "2").contains("run 2 is live"))
                    let client = try await installation.value("select min(client_id) from demo.clients")
                    #expect(try await pass("explain", client).contains("as in run 2"))
                    #expect(
                        try await installation.value(
                            "select count(*) from peerfolio.runs where backend_pid is null") == "2")
                    try await Self.expectDefaults(installation, bouncer)
                }
            }
        }

        /// Looks at several of the pooler's sessions at once, all of which runs have used or may have.
        private static func expectDefaults(_ installation: Installation, _ bouncer: PgBouncer) async throws {
            let names = [
                "search_path", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout",
                "default_transaction_isolation", "default_transaction_read_only",
            ]
            let query = "select \(names.map { "current_setting('\($0)')" }.joined(separator: ", ")), pg_sleep(0.3)"
            let direct = try await installation.withConnection(installation.service) {
                Array(try $0.execute(query).rows[0].values.prefix(names.count))
            }
            let pooledConninfo = try await bouncer.conninfo(installation)
            try await withThrowingTaskGroup(of: [String?].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await installation.withConnection(pooledConninfo) { session in
                            try session.transaction {
                                Array(try $0.execute(query).rows[0].values.prefix(names.count))
                            }
                        }
                    }
                }
                for try await pooled in group { #expect(pooled == direct) }
            }
            #expect(
                try await installation.value(
                    "select count(*) from pg_locks where locktype = 'advisory' and database = "
                        + "(select oid from pg_database where datname = current_database())") == "0")
        }

        @Test func aKilledRunBlocksUntilItsLeaseIsOver() async throws {
            try await Installation.withDemo { installation in
                try await PgBouncer.with(installation) { bouncer in
                    let pooled = ["PEERFOLIO_CONNECTION": try await bouncer.conninfo(installation)]
                    let lease = "timeouts.lease=2s"
                    expectSuccess(try await installation.peerfolio("run", environment: pooled))
                    for point in ["read", "write", "publish"] {
                        let environment = pooled.merging(["PEERFOLIO_PAUSE_AT": point]) { $1 }
                        try await installation.withRunning("run", "--set", lease, environment: environment) { run in
                            try await run.waitForError(containing: "paused at \(point)")
                            await run.send(SIGKILL)
                            _ = try await run.outcome()
                        }
                        let refused = try await installation.peerfolio("run", "--set", lease, environment: pooled)
                        expectFailure(refused, 75, saying: "is going on since")
                        try await installation.wait(
                            untilTrue: """
                                select heartbeat_at < clock_timestamp() - interval '2 s' from peerfolio.runs
                                where status = 'running'
                                """)
                        expectSuccess(try await installation.peerfolio("run", "--set", lease, environment: pooled))
                    }
                    #expect(
                        try await installation.value(
                            "select count(*) from peerfolio.runs where status = 'failed' and reason_code = 'ABANDONED'")
                            == "3")
                }
            }
        }
    }
}
