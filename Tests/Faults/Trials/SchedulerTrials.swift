import Foundation
import Holdings
import TestSupport

/// Several schedulers and several runs at once (catalogue 37 to 39; R17).
enum SchedulerTrials {
    static var all: [Trial] {
        [
            Trial("schedulers@2", tier: .quick) { try await schedulers(2, rounds: 8, $0) },
            Trial("schedulers@4") { try await schedulers(4, rounds: 50, $0) },
            Trial("schedulers@skewed") { bench in
                try await schedulers(2, rounds: 12, fastBy: [420, -420], bench)
            },
            Trial("runs@2") { try await runs(2, rounds: 12, $0) },
            Trial("runs@4", tier: .quick) { try await runs(4, rounds: 12, $0) },
        ]
    }

    /// Daemons that all want to act; now and then the one that acts is killed.
    ///
    /// Every request must be met exactly once, and so must a due moment of the schedule.
    ///
    /// - Parameter skews: Seconds by which the clocks of the daemons are fast; empty for right ones.
    private static func schedulers(
        _ count: Int, rounds: Int, fastBy skews: [Int] = [], _ bench: Bench
    ) async throws -> Trial.Finding {
        let testbed = bench.testbed
        let judge = Judge(testbed: testbed)
        let before = try await judge.state()
        // What earlier trials were due for.
        try await testbed.execute(
            """
            delete from peerfolio.schedulers;
            update peerfolio.runs set scheduled_for = null where scheduled_for is not null
            """)
        // The schedule has one moment in every hour, the last of them a few minutes ago.
        let moment = Int(try await testbed.value("select extract(epoch from now())::bigint / 60 * 60 - 180")) ?? 0
        let settings = [
            "PEERFOLIO_SCHEDULE_UNCHANGED": "run", "PEERFOLIO_TIMEOUTS_LEASE": "1s", "PEERFOLIO_RETRY_DELAY": "100ms",
            "PEERFOLIO_SCHEDULE_CRON": "\(moment / 60 % 60) * * * *",
        ]
        let clock = skews.isEmpty ? nil : try await SkewedClock(bench)
        let environments = (0..<count).map { number in
            settings.merging(clock?.environment(seconds: skews[number]) ?? [:]) { $1 }
        }
        let (problems, reads) = try await Monitor.watching(Monitor.Contract(testbed)) {
            try await withDaemons(environments, testbed) { daemons in
                var problems: [String] = []
                var alive = daemons
                for round in 1...rounds {
                    let request = try await testbed.value("select peerfolio.request_run('round \(round)')")
                    // While a run may be going on, so that its successor has to find out what became of it.
                    if round % 10 == 5, alive.count > 1 { problems += try await killWhoActs(&alive, testbed) }
                    try await awaitSuccess("\(request) in (run_id, retry_of)", testbed)
                }
                // As if nobody had been there when a run was due.
                try await testbed.execute(
                    "update peerfolio.schedulers set scheduled_since = to_timestamp(\(moment - 60))")
                try await awaitSuccess(
                    """
                    (select run_id from peerfolio.runs where scheduled_for = to_timestamp(\(moment)))
                        in (run_id, retry_of)
                    """, testbed)
                for daemon in alive {
                    await daemon.send(SIGTERM)
                    problems += ExpectedEnding.exit(0).problems(with: try await daemon.outcome())
                }
                return problems
            }
        }
        var finding = Trial.Finding(problems: problems + reads.problems, reads: reads)
        finding.problems += try await testbed.rows(
            """
            select 'A3: request ' || coalesce(retry_of, run_id) || ' was met ' || count(*) || ' times'
            from peerfolio.runs where run_id > \(before.newestRun) and published_at is not null
            group by coalesce(retry_of, run_id) having count(*) <> 1
            union all
            select 'A3: the one due moment has ' || count(*) || ' runs' from peerfolio.runs
            where run_id > \(before.newestRun) and scheduled_for is not null having count(*) <> 1
            """
        ).compactMap { $0[0] }
        finding.problems += try await judge.awaitSilence()
        finding.problems += try await judge.afterRerun(before, testbed.run("run"))
        finding.figures["rounds"] = Double(rounds)
        finding.figures["killed"] = Double((1...rounds).count { $0 % 10 == 5 && $0 / 10 < count - 1 })
        return finding
    }

    /// Waits until nothing is going on or waiting, and a run that a condition names has succeeded.
    private static func awaitSuccess(_ condition: String, _ testbed: Testbed) async throws {
        do {
            try await testbed.wait(
                untilTrue: """
                    select not exists (select from peerfolio.runs where status in ('queued', 'running'))
                    and exists (select from peerfolio.runs where \(condition) and status = 'succeeded')
                    """, within: .seconds(60))
        } catch {
            let log = try await testbed.rows(
                """
                select concat_ws(' ', run_id, status, reason_code, attempt, retry_of, started_at, heartbeat_at,
                                 finished_at, error)
                from peerfolio.runs order by run_id desc limit 5
                """)
            throw Failure("\(error); the last runs: \(log.compactMap { $0[0] }.joined(separator: "; "))")
        }
    }

    /// Kills the daemon that acts, and waits until another does.
    private static func killWhoActs(_ daemons: inout [ChildProcess], _ testbed: Testbed) async throws -> [String] {
        let row = try await testbed.rows("select process_id, term from peerfolio.schedulers where channel = 'live'")
        guard let holder = row.first, let index = daemons.firstIndex(where: { "\($0.processID)" == holder[0] }) else {
            throw Failure("none of the daemons acts: \(row)")
        }
        let daemon = daemons.remove(at: index)
        await daemon.send(SIGKILL)
        let outcome = try await daemon.outcome(within: .seconds(10))
        try await testbed.wait(untilTrue: "select term > \(holder[1] ?? "") from peerfolio.schedulers")
        return ExpectedEnding.signal(SIGKILL).problems(with: outcome)
    }

    /// Runs `body` beside daemons, one for each environment.
    private static func withDaemons<Value: Sendable>(
        _ environments: [[String: String]], _ testbed: Testbed, beside daemons: [ChildProcess] = [],
        _ body: ([ChildProcess]) async throws -> Value
    ) async throws -> Value {
        guard let environment = environments.first else { return try await body(daemons) }
        return try await testbed.withRunning(["schedule"], environment: environment) { daemon in
            try await withDaemons(Array(environments.dropFirst()), testbed, beside: daemons + [daemon], body)
        }
    }

    /// Runs that are started at the same moment: one at a time, and nobody waits.
    private static func runs(_ count: Int, rounds: Int, _ bench: Bench) async throws -> Trial.Finding {
        let testbed = bench.testbed
        let judge = Judge(testbed: testbed)
        let before = try await judge.state()
        var finding = Trial.Finding()
        var succeeded = 0
        for _ in 0..<rounds {
            let outcomes = try await testbed.runTogether(count)
            let winners = outcomes.count { $0.ending == .exit(0) }
            succeeded += winners
            if winners == 0 { finding.problems.append("none of \(count) runs succeeded") }
            finding.problems += outcomes.flatMap { ExpectedEnding.exit(0, 75).problems(with: $0) }
        }
        let overlaps = try await testbed.value(
            """
            select count(*) from peerfolio.runs a join peerfolio.runs b on a.run_id < b.run_id
            where a.run_id > \(before.newestRun)
              and tstzrange(a.started_at, a.finished_at) && tstzrange(b.started_at, b.finished_at)
            """)
        if overlaps != "0" { finding.problems.append("\(overlaps) pairs of runs overlapped") }
        let published = try await testbed.value(
            "select count(*) from peerfolio.runs where run_id > \(before.newestRun) and published_at is not null")
        if published != "\(succeeded)" {
            finding.problems.append("A2: \(succeeded) said that they have published, and \(published) have")
        }
        finding.problems += try await judge.awaitSilence()
        finding.problems += try await judge.afterRerun(before, testbed.run("run"))
        return finding
    }
}
