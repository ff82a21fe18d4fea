import Foundation
import Holdings
import Postgres
import TestSupport

/// Others hold locks that a run needs, or limits are set against it (catalogue 16 to 22).
///
/// A run waits as long as its limits allow, says what it waited for, and leaves no queue behind itself.
enum LockTrials {
    static var all: [Trial] {
        [
            lock("lock@migration", tier: .quick, "alter table peerfolio.recommendations add column later integer"),
            lock("lock@pointer", tier: .quick, "select from peerfolio.publication for share"),
            lock("lock@input", "lock table dwh.holdings in access exclusive mode"),
            lock("lock@publish", at: "publish", "select from peerfolio.publication for update"),
            Trial("deadlock@publish", tier: .quick, deadlock),
            Trial("isolation@serializable", tier: .quick) { bench in
                let role = "alter role \(Testbed.serviceRole)"
                return try await bench.disturb(ending: .exit(0)) { testbed in
                    try await testbed.execute("\(role) set default_transaction_isolation = 'serializable'")
                    return try await besideWriter(testbed) { try await testbed.run("run") }
                } repair: {
                    try await $0.execute("\(role) reset default_transaction_isolation")
                }
            },
            Trial("timeout@statement", tier: .quick) { bench in
                try await bench.disturb(ending: .exit(75, saying: "57014")) { testbed in
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
                try await bench.disturb(ending: .exit(0)) { testbed in
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

    /// Another session holds what a statement locks: the run ends, and says that it did not get a lock.
    ///
    /// - Parameter phase: Where the run is when the lock is taken; nil for before it has started.
    private static func lock(
        _ name: String, tier: Trial.Tier = .full, at phase: String? = nil, _ statement: String
    ) -> Trial {
        Trial(name, tier: tier) { bench in
            try await bench.disturb(ending: .exit(75, saying: "55P03")) { testbed in
                guard let phase else {
                    return try await testbed.whileHolding(statement) { try await testbed.run("run") }
                }
                return try await testbed.withRunning(["run"], pausedAt: phase) { child in
                    try await testbed.whileHolding(statement) {
                        try testbed.resume()
                        return try await child.outcome()
                    }
                }
            }
        }
    }

    /// An operator's script takes the same two rows in the other order, and each waits for the other.
    private static func deadlock(_ bench: Bench) async throws -> Trial.Finding {
        let before = try bench.testbed.cluster.deadlocks()
        var finding = try await bench.disturb { testbed in
            try await testbed.withRunning(["run"], pausedAt: "publish") { child in
                let (held, goesOn) = (Turn(), Turn())
                let script = Task {
                    try? await testbed.cluster.withSession(testbed.database) { session in
                        try session.transaction { session in
                            try session.execute("select from peerfolio.runs where status = 'running' for update")
                            held.take()
                            while !goesOn.isTaken { try session.execute("select pg_sleep(0.01)") }
                            _ = try session.execute("select from peerfolio.publication for update")
                        }
                    }
                }
                return try await cleaningUp {
                    try await testbed.wait { held.isTaken }
                    try testbed.resume()
                    // It has the pointer's row by now, and waits for its own: the new pointer refers to it.
                    try await testbed.wait(
                        untilTrue: """
                            select exists (select from pg_stat_activity
                                           where wait_event_type = 'Lock' and query like '%previous_run_id = live_run_id%')
                            """)
                    goesOn.take()
                    return try await child.outcome()
                } with: {
                    goesOn.take()
                    await script.value
                }
            }
        }
        if try bench.testbed.cluster.deadlocks() == before { finding.problems.append("there was no deadlock") }
        return finding
    }

    /// Runs `body` while somebody changes the pointer's row over and over, in serializable transactions.
    private static func besideWriter<Value: Sendable>(
        _ testbed: Testbed, _ body: () async throws -> Value
    ) async throws -> Value {
        let isOver = Turn()
        let writer = Task {
            try await testbed.cluster.withSession(testbed.database) { session in
                while !isOver.isTaken {
                    do {
                        try session.transaction(TransactionMode(isolation: .serializable)) { session in
                            _ = try session.execute("update peerfolio.publication set published_by = published_by")
                        }
                    } catch let error as PostgresError where error.sqlState == "40001" {
                        // The run was first.
                    }
                    try session.execute("select pg_sleep(0.001)")
                }
            }
        }
        return try await cleaningUp(body) {
            isOver.take()
            try await writer.value
        }
    }
}
