import Foundation
import TestSupport

/// Several schedulers and several runs at once (catalogue 37 to 39; R17).
enum SchedulerTrials {
    static var all: [Trial] {
        [
            Trial("schedulers@2", tier: .quick) { try await schedulers(2, rounds: 8, $0) },
            Trial("schedulers@4") { try await schedulers(4, rounds: 50, $0) },
            Trial("schedulers@skewed") { bench in
                guard FileManager.default.fileExists(atPath: skewer) else {
                    return .skipped("libfaketime is not installed")
                }
                return try await schedulers(2, rounds: 12, clocks: ["+7m", "-7m"], bench)
            },
            Trial("runs@2") { try await runs(2, rounds: 12, $0) },
            Trial("runs@4", tier: .quick) { try await runs(4, rounds: 12, $0) },
        ]
    }

    /// The library by which a process sees another time.
    private static let skewer = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"

    /// Daemons that all want to act; now and then the one that acts is killed.
    ///
    /// Every request must be met exactly once.
    ///
    /// - Parameter clocks: By how much the clocks of the daemons are wrong; empty for right ones.
    private static func schedulers(
        _ count: Int, rounds: Int, clocks: [String] = [], _ bench: Bench
    ) async throws -> Trial.Finding {
        let testbed = bench.testbed
        let judge = Judge(testbed: testbed)
        let before = try await judge.state()
        var finding = Trial.Finding()
        let (problems, reads) = try await Monitor.watching(Monitor.Contract(testbed)) {
            try await withDaemons(count, clocks: clocks, testbed) { kill in
                for round in 1...rounds {
                    let request = try await testbed.value("select peerfolio.request_run('round \(round)')")
                    // While a run may be going on, so that its successor has to find out what became of it.
                    if round % 10 == 5, round / 10 < count - 1 { try await kill() }
                    try await testbed.wait(
                        untilTrue: """
                            select not exists (select from peerfolio.runs where status in ('queued', 'running'))
                            and exists (select from peerfolio.runs
                                        where \(request) in (run_id, retry_of) and status = 'succeeded')
                            """, within: .seconds(60))
                }
            }
            return try await testbed.rows(
                """
                select 'request ' || coalesce(retry_of, run_id) || ' was met ' || count(*) || ' times'
                from peerfolio.runs where run_id > \(before.newestRun) and published_at is not null
                group by coalesce(retry_of, run_id) having count(*) <> 1
                """
            ).compactMap { $0[0] }
        }
        finding.problems = problems
        finding.problems += try await judge.awaitSilence()
        finding.problems += try await judge.afterRerun(before, testbed.run("run"))
        finding.problems += reads.wrong.prefix(5)
        finding.reads = reads
        finding.figures["rounds"] = Double(rounds)
        return finding
    }

    /// Runs `body` beside daemons; it is given a way to kill the one that acts.
    private static func withDaemons(
        _ count: Int, clocks: [String], _ testbed: Testbed,
        _ body: (_ kill: () async throws -> Void) async throws -> Void
    ) async throws {
        guard count > 0 else {
            return try await body {
                let holder = try await testbed.value(
                    "select process_id from peerfolio.schedulers where channel = 'live'")
                if let process = Int32(holder), process > 1 { kill(process, SIGKILL) }
            }
        }
        var environment = [
            "PEERFOLIO_SCHEDULE_UNCHANGED": "run", "PEERFOLIO_TIMEOUTS_LEASE": "1s", "PEERFOLIO_RETRY_DELAY": "100ms",
        ]
        if clocks.count >= count {
            environment["LD_PRELOAD"] = skewer
            environment["FAKETIME"] = clocks[count - 1]
            // Its timers go by the clock that nobody can set wrong, as they would on a host whose time is.
            environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
        }
        try await testbed.withRunning(["schedule"], environment: environment) { _ in
            try await withDaemons(count - 1, clocks: clocks, testbed, body)
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
            let outcomes = try await withThrowingTaskGroup(of: ChildProcess.Outcome.self) { group in
                for _ in 0..<count { group.addTask { try await testbed.run("run") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let winners = outcomes.count { $0.ending == .exit(0) }
            succeeded += winners
            if winners == 0 { finding.problems.append("none of \(count) runs succeeded") }
            for outcome in outcomes where ![.exit(0), .exit(75)].contains(outcome.ending) {
                finding.problems.append("a rival ended with \(outcome.ending): \(outcome.errors)")
            }
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
