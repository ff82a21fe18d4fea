import Foundation
import Postgres
import Synchronization
import TestSupport

/// Others hold locks that a run needs, or limits are set against it (catalogue 16 to 22).
///
/// A run waits as long as its limits allow, says what it waited for, and leaves no queue behind itself.
enum LockTrials {
    static var all: [Trial] {
        [
            Trial("lock@migration", tier: .quick) { bench in
                try await bench.disturb(exit: 75) { testbed in
                    try await whileHolding("alter table peerfolio.recommendations add column later integer", testbed) {
                        try await testbed.run("run")
                    }
                }
            },
            Trial("lock@pointer", tier: .quick) { bench in
                try await bench.disturb(exit: 75) { testbed in
                    try await whileHolding("select from peerfolio.publication for share", testbed) {
                        try await testbed.run("run")
                    }
                }
            },
            Trial("lock@input") { bench in
                try await bench.disturb(exit: 75) { testbed in
                    try await whileHolding("lock table dwh.holdings in access exclusive mode", testbed) {
                        try await testbed.run("run")
                    }
                }
            },
            Trial("lock@publish") { bench in
                try await bench.disturb { testbed in
                    try await testbed.withRunning(["run"], pausedAt: "publish") { child in
                        try await whileHolding("select from peerfolio.publication for update", testbed) {
                            try testbed.resume()
                            return try await child.outcome()
                        }
                    }
                }
            },
            Trial("deadlock@publish", tier: .quick) { bench in
                try await bench.disturb { try await deadlock($0) }
            },
            Trial("isolation@serializable") { bench in
                try await bench.disturb(exit: 0) { testbed in
                    let role = "alter role \(Testbed.serviceRole)"
                    try await testbed.execute("\(role) set default_transaction_isolation = 'serializable'")
                    let outcome = try await testbed.run("run")
                    try await testbed.execute("\(role) reset default_transaction_isolation")
                    return outcome
                }
            },
            Trial("timeout@statement") { bench in
                try await bench.disturb(exit: 75, saying: "57014") { testbed in
                    try await testbed.execute(
                        """
                        alter table dwh.clients rename to clients_kept;
                        create view dwh.clients as select k.* from dwh.clients_kept k, pg_sleep(3);
                        grant select on dwh.clients to \(Testbed.serviceRole)
                        """)
                    return try await testbed.run("run", "--set", "timeouts.statement=300ms")
                } repair: {
                    try await $0.execute("drop view dwh.clients; alter table dwh.clients_kept rename to clients")
                }
            },
            Trial("idle@search", tier: .quick) { bench in
                try await bench.disturb(exit: 0) { testbed in
                    try await testbed.withRunning(["run"], pausedAt: "search") { child in
                        // Longer than any statement takes: whatever is in a transaction now stays in it.
                        try await Task.sleep(for: .milliseconds(200))
                        let open = try await testbed.value(
                            """
                            select count(*) from pg_stat_activity
                            where usename = '\(Testbed.serviceRole)' and state like 'idle in transaction%'
                            """)
                        guard open == "0" else { throw Failure("\(open) transactions are open while it computes") }
                        try testbed.resume()
                        return try await child.outcome()
                    }
                }
            },
        ]
    }

    /// Runs `body` while another session holds what a statement has locked; the statement is rolled back.
    private static func whileHolding<Value: Sendable>(
        _ statement: String, _ testbed: Testbed, _ body: () async throws -> Value
    ) async throws -> Value {
        let holder = try await PostgresConnection.open(
            ConnectionSettings(conninfo: testbed.administrator, applicationName: "operator"))
        let held = Turn()
        let release = Turn()
        let holding = Task {
            try await holder.withSession { session in
                try session.transaction { session in
                    try session.executeScript(statement)
                    held.take()
                    while !release.isTaken { try session.execute("select pg_sleep(0.02)") }
                    throw RolledBack()
                }
            }
        }
        while !held.isTaken { try await Task.sleep(for: .milliseconds(5)) }
        let result: Result<Value, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        release.take()
        _ = await holding.result
        await holder.close()
        return try result.get()
    }

    private struct RolledBack: Error {}

    /// An operator's script takes the same two rows in the other order.
    private static func deadlock(_ testbed: Testbed) async throws -> ChildProcess.Outcome {
        try await testbed.withRunning(["run"], pausedAt: "publish") { child in
            let script = Task {
                try? await testbed.cluster.withSession(testbed.database) { session in
                    try session.transaction { session in
                        try session.executeScript(
                            """
                            select from peerfolio.runs where status = 'running' for update;
                            select pg_sleep(0.3);
                            select from peerfolio.publication for update;
                            """)
                    }
                }
            }
            try await testbed.wait(
                untilTrue: "select exists (select from pg_stat_activity where query like '%runs%for update%pg_sleep%'"
                    + " and pid <> pg_backend_pid())")
            try testbed.resume()
            let outcome = try await child.outcome()
            await script.value
            return outcome
        }
    }
}

/// Something that happens once, and that others may look for.
final class Turn: Sendable {
    private let taken = Mutex(false)

    var isTaken: Bool { taken.withLock { $0 } }

    func take() {
        taken.withLock { $0 = true }
    }
}
