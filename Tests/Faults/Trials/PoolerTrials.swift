import Foundation
import Holdings
import TestSupport

/// PgBouncer in transaction mode between program and server, where sessions are shared and their locks are void
/// (catalogue 38, 39).
enum PoolerTrials {
    static var all: [Trial] {
        [
            trial("pooler-kill", atAllPhases(ending: .signal(SIGKILL)) { _, run in await run.send(SIGKILL) }),
            trial("pooler-disconnect", atAllPhases { testbed, _ in try await disconnect(testbed) }),
            trial("pooler-crash", poolerCrash),
            trial("pooler-four-at-once", fourAtOnce),
            trial("zombie@pooler") { try await onPooler($0) { try await zombie($0, $1) } },
            Trial("zombie@direct", tier: .quick) { try await zombie($0, $0.testbed) },
        ]
    }

    private static func trial(
        _ name: String, _ body: @escaping @Sendable (Bench) async throws -> Trial.Finding
    ) -> Trial {
        Trial(name, tier: .quick, place: .aside) { bench in
            guard PgBouncer.isInstalled else { return .skipped("pgbouncer is not installed") }
            return try await body(bench)
        }
    }

    // MARK: Poolers

    /// Runs `body` with a pooler in front of a bench's server.
    private static func withPooler(
        _ testbed: Testbed, _ body: (PgBouncer) async throws -> Trial.Finding
    ) async throws -> Trial.Finding {
        try await PgBouncer.with(
            PgBouncer.Server(
                folder: testbed.cluster.folder.path, port: testbed.cluster.port,
                users: [Testbed.serviceRole: Warehouse.password]),
            // The judge wants to see that nobody is left.
            settings: "server_idle_timeout = 1", body)
    }

    /// Runs `body` with a bench's testbed, reached through a pooler.
    private static func onPooler(
        _ bench: Bench, _ body: (Bench, Testbed) async throws -> Trial.Finding
    ) async throws -> Trial.Finding {
        try await withPooler(bench.testbed) { pooler in
            var testbed = bench.testbed
            testbed.route = pooler.route
            return try await body(bench, testbed)
        }
    }

    /// Behind a pooler only silence tells a dead run: waits until its lease is over.
    @Sendable private static func awaitEndOfLease(_ testbed: Testbed) async throws {
        try await testbed.wait(
            untilTrue: """
                select not exists (
                    select from peerfolio.runs
                    where status = 'running' and heartbeat_at > clock_timestamp() - interval '3.2 s')
                """)
    }

    // MARK: Faults

    /// A fault at each phase, all at once in a database each: what takes long is waiting for the lease.
    private static func atAllPhases(
        ending: ExpectedEnding = .orderly, _ fault: @escaping @Sendable (Testbed, ChildProcess) async throws -> Void
    ) -> @Sendable (Bench) async throws -> Trial.Finding {
        { bench in
            try await withPooler(bench.testbed) { pooler in
                try await withThrowingTaskGroup(of: Trial.Finding.self) { group in
                    for phase in PhaseTrials.phases {
                        group.addTask { try await disturb(bench, pooler, at: phase, ending, fault) }
                    }
                    return Trial.Finding(of: try await group.reduce(into: []) { $0.append($1) })
                }
            }
        }
    }

    private static func disturb(
        _ bench: Bench, _ pooler: PgBouncer, at phase: String, _ ending: ExpectedEnding,
        _ fault: @escaping @Sendable (Testbed, ChildProcess) async throws -> Void
    ) async throws -> Trial.Finding {
        var testbed = try await bench.testbed.sibling("pooler_\(phase)")
        testbed.route = pooler.route
        return try await cleaningUp { [testbed] in
            var finding = try await bench.disturb(testbed, ending: ending) { testbed in
                // Eight runs that start at once through one pooler need more than three seconds on a busy machine.
                try await testbed.withRunning(["run", "--set", "timeouts.connect=20s"], pausedAt: phase) { child in
                    try await fault(testbed, child)
                    try testbed.resume()
                    return try await child.outcome()
                }
            } repair: {
                try await awaitEndOfLease($0)
            }
            finding.problems = finding.problems.map { "at \(phase): \($0)" }
            return finding
        } with: { [testbed] in
            try await testbed.remove()
        }
    }

    private static func disconnect(_ testbed: Testbed) async throws {
        try await testbed.execute(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where usename = '\(Testbed.serviceRole)' and datname = current_database()
            """)
    }

    /// The pooler dies while a run writes, and is started again.
    private static func poolerCrash(_ bench: Bench) async throws -> Trial.Finding {
        try await withPooler(bench.testbed) { pooler in
            try await bench.disturb { testbed in
                var pooled = testbed
                pooled.route = pooler.route
                return try await pooled.withRunning(["run"], pausedAt: "write") { child in
                    pooler.kill()
                    return try await pooler.whileRunning {
                        try testbed.resume()
                        return try await child.outcome()
                    }
                }
            } repair: { testbed in
                try await awaitEndOfLease(testbed)
            }
        }
    }

    // MARK: Several at once

    /// While one run is going on, others are refused; of four that start together, those that claim so have published.
    private static func fourAtOnce(_ bench: Bench) async throws -> Trial.Finding {
        try await onPooler(bench) { bench, testbed in
            var finding = try await bench.disturb(testbed, ending: .exit(0)) { testbed in
                try await testbed.withRunning(["run"], pausedAt: "write") { first in
                    for outcome in try await testbed.runTogether(3) {
                        let problems = ExpectedEnding.exit(75, saying: "is going on since").problems(with: outcome)
                        if let problem = problems.first { throw Failure(problem) }
                    }
                    try testbed.resume()
                    return try await first.outcome()
                }
            }
            for _ in 0..<3 {
                let before = try await Judge(testbed: testbed).state()
                let outcomes = try await testbed.runTogether(4)
                let claims = outcomes.count { $0.ending == .exit(0) }
                // By their numbers: old runs leave the run log as new ones come.
                let published = try await testbed.value(
                    """
                    select count(*) from peerfolio.runs
                    where run_id > \(before.newestRun) and published_at is not null
                    """)
                let count = Int(published) ?? 0
                if claims != count { finding.problems.append("A3: \(claims) claim to have published, \(count) have") }
                if count == 0 { finding.problems.append("A3: of four runs none has published") }
                finding.problems += outcomes.flatMap { ExpectedEnding.exit(0, 75).problems(with: $0) }
            }
            return finding
        }
    }

    // MARK: Zombies

    /// A run that is held still for longer than its lease, taken for dead, and then goes on: it must not publish over
    /// the run that took its place.
    private static func zombie(_ bench: Bench, _ testbed: Testbed) async throws -> Trial.Finding {
        let judge = Judge(testbed: testbed)
        let before = try await judge.state()
        var finding = Trial.Finding(isKillPoint: true)
        let (problems, reads) = try await Monitor.watching(Monitor.Contract(testbed)) {
            try await testbed.withRunning(["run"], pausedAt: "write") { zombie in
                await zombie.send(SIGSTOP)
                try await awaitEndOfLease(testbed)
                let second = try await testbed.run("run")
                let between = try await judge.state()
                try testbed.resume()
                await zombie.send(SIGCONT)
                let outcome = try await zombie.outcome()
                var problems = ExpectedEnding.exit(0).problems(with: second)
                if between.liveRun != between.newestRun || between.liveRun == before.liveRun {
                    problems.append("A3: the second run is not live")
                }
                problems += ExpectedEnding.exit(75, saying: "any more").problems(with: outcome)
                problems += try await judge.awaitSilence()
                problems += try await judge.afterFault(before, second)
                if try await judge.state().liveRun != between.liveRun {
                    problems.append("A3: the run that was taken for dead has published")
                }
                let last = try await testbed.run("run")
                return problems + (try await judge.afterRerun(before, last))
            }
        }
        finding.problems = problems + reads.problems
        finding.reads = reads
        return finding
    }
}
