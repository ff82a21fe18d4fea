import Foundation
import TestSupport
import Testing

extension FaultTests {
    /// Several runs that all want to be the one.
    @Suite(.serialized) struct RivalRunTests {
        private static let consistency = """
            select (select count(*) from peerfolio.runs where status = 'running') = 0
               and p.live_run_id = (select max(run_id) from peerfolio.runs where published_at is not null)
               and (select count(*) from peerfolio_bi.recommendations) =
                   (select recommendations from peerfolio.runs where run_id = p.live_run_id)
            from peerfolio.publication p where channel = 'live'
            """

        @Test(arguments: [2, 4])
        func oneOfManyRunsAtATime(count: Int) async throws {
            try await Installation.withDemo { installation in
                _ = try await installation.succeed("run")
                for _ in 0..<3 {
                    let outcomes = try await withThrowingTaskGroup(of: ChildProcess.Outcome.self) { group in
                        for _ in 0..<count { group.addTask { try await installation.peerfolio("run") } }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    let succeeded = outcomes.filter { $0.ending == .exit(0) }
                    #expect(!succeeded.isEmpty)
                    for outcome in outcomes where outcome.ending != .exit(0) {
                        expectFailure(outcome, 75, saying: "is going on since")
                    }
                    #expect(try await installation.value(Self.consistency) == "t")
                }
                // Those that were refused have left no trace, and no two runs overlapped.
                #expect(
                    try await installation.value("select bool_and(status = 'succeeded') from peerfolio.runs") == "t")
                #expect(
                    try await installation.value(
                        """
                        select count(*) from peerfolio.runs a join peerfolio.runs b on a.run_id < b.run_id
                        where tstzrange(a.started_at, a.finished_at) && tstzrange(b.started_at, b.finished_at)
                        """) == "0")
            }
        }

        @Test func whileOneRunIsHeldAllOthersAreRefused() async throws {
            try await Installation.withDemo { installation in
                let go = installation.folder.appendingPathComponent("go")
                let environment = ["PEERFOLIO_PAUSE_AT": "publish", "PEERFOLIO_PAUSE_UNTIL": go.path]
                try await installation.withRunning("run", environment: environment) { run in
                    try await run.waitForError(containing: "paused at publish")
                    let outcomes = try await withThrowingTaskGroup(of: ChildProcess.Outcome.self) { group in
                        for _ in 0..<3 { group.addTask { try await installation.peerfolio("run") } }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    for outcome in outcomes { expectFailure(outcome, 75, saying: "process \(run.processID)") }
                    try Data().write(to: go)
                    expectSuccess(try await run.outcome())
                }
                #expect(try await installation.value(Self.consistency) == "t")
            }
        }

        /// A run that another one took for dead and replaced must not publish when it comes back.
        ///
        /// It is paused with a heartbeat so slow that the fences in the data stop it, not its own heart.
        @Test(arguments: [
            ("started", false), ("read", true), ("search", false), ("write", false), ("write", true), ("check", true),
            ("publish", false), ("publish", true),
        ])
        func aRunThatComesBackFromTheDead(point: String, isStopped: Bool) async throws {
            try await Installation.withDemo { installation in
                _ = try await installation.succeed("run")
                try await ReportReaders.reading(installation, [.simple]) {
                    let go = installation.folder.appendingPathComponent("go")
                    let environment = ["PEERFOLIO_PAUSE_AT": point, "PEERFOLIO_PAUSE_UNTIL": go.path]
                    let zombie = try await installation.withRunning(
                        "run", "--set", "timeouts.lease=10min", environment: environment
                    ) { run in
                        try await run.waitForError(containing: "paused at \(point)")
                        if isStopped { await run.send(SIGSTOP) }
                        try await installation.wait(
                            untilTrue: """
                                select heartbeat_at < clock_timestamp() - interval '300 ms' from peerfolio.runs
                                where status = 'running'
                                """)
                        _ = try await installation.succeed("run", "--set", "timeouts.lease=300ms")
                        try Data().write(to: go)
                        if isStopped { await run.send(SIGCONT) }
                        return try await run.outcome(within: .seconds(20))
                    }
                    expectFailure(zombie, 75, saying: "is not the live run of channel live any more")
                    #expect(
                        try await installation.rows("select run_id, status, reason_code from peerfolio.runs order by 1")
                            == [["1", "succeeded", nil], ["2", "failed", "ABANDONED"], ["3", "succeeded", nil]])
                    #expect(try await installation.value(Self.consistency) == "t")
                    // What it may have written into its old slot is gone after the next run.
                    _ = try await installation.succeed("run")
                    for table in Installation.resultTables {
                        #expect(
                            try await installation.value(
                                "select count(*) from peerfolio.\(table) where run_id = 2") == "0", "\(table)")
                    }
                }
            }
        }

        /// Nobody has ended the run, so it says itself why it has not been published.
        @Test func aTermThatSomebodyHasRaisedByHand() async throws {
            try await Installation.withDemo { installation in
                _ = try await installation.succeed("run")
                let go = installation.folder.appendingPathComponent("go")
                let environment = ["PEERFOLIO_PAUSE_AT": "publish", "PEERFOLIO_PAUSE_UNTIL": go.path]
                try await installation.withRunning("run", environment: environment) { run in
                    try await run.waitForError(containing: "paused at publish")
                    try await installation.execute("update peerfolio.publication set term = term + 1")
                    try Data().write(to: go)
                    expectFailure(
                        try await run.outcome(), 75, saying: "is not the live run of channel live any more")
                }
                #expect(
                    try await installation.rows("select run_id, status, reason_code from peerfolio.runs order by 1")
                        == [["1", "succeeded", nil], ["2", "failed", "FENCE_LOST"]])
                #expect(try await installation.value(Self.consistency) == "t")
            }
        }

        /// A run whose control connection dies while it is stopped is replaced at once, and notices.
        @Test func aStoppedRunWithoutItsConnection() async throws {
            try await Installation.withDemo { installation in
                _ = try await installation.succeed("run")
                let zombie = try await installation.withRunning("run", environment: ["PEERFOLIO_PAUSE_AT": "write"]) {
                    run in
                    try await run.waitForError(containing: "paused at write")
                    await run.send(SIGSTOP)
                    _ = try await installation.value(
                        "select pg_terminate_backend(backend_pid) from peerfolio.runs where status = 'running'")
                    _ = try await installation.succeed("run", "--set", "timeouts.lease=10min")
                    await run.send(SIGCONT)
                    return try await run.outcome(within: .seconds(20))
                }
                #expect(zombie.ending == .exit(69) || zombie.ending == .exit(75), "\(zombie.errors)")
                #expect(
                    try await installation.rows("select run_id, status, reason_code from peerfolio.runs order by 1")
                        == [["1", "succeeded", nil], ["2", "failed", "ABANDONED"], ["3", "succeeded", nil]])
                #expect(try await installation.value(Self.consistency) == "t")
            }
        }
    }
}
