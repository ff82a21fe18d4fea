import Foundation
import TestSupport
import Testing

/// What breaks around the daemon: processes, connections, clocks, and rivals.
extension FaultTests.DaemonTests {
    @Test func ofTwoDaemonsOneActsAndTheOtherTakesOver() async throws {
        try await Installation.withDemo { installation in
            try await withDaemon(installation, environment: ["PEERFOLIO_PAUSE_AT": "write"]) { first in
                try await first.waitForError(containing: "this daemon acts")
                try await withDaemon(installation) { second in
                    try await second.waitForError(containing: "another daemon acts")
                    let run = try await request(installation)
                    try await first.waitForError(containing: "paused at write")
                    await first.send(SIGKILL)
                    try await second.waitForError(containing: "this daemon acts")
                    try await installation.wait(
                        untilTrue: """
                            select count(*) = 1 from peerfolio.runs where retry_of = \(run) and status = 'succeeded'
                            """)
                    await second.send(SIGTERM)
                    expectSuccess(try await second.outcome())
                }
            }
            #expect(
                try await fates(installation) == [
                    ["request", "failed", "ABANDONED", "1"], ["request", "succeeded", nil, "2"],
                ])
            try await expectOrder(installation)
        }
    }

    /// Whoever finds a dead run marks it as such, and need not be a daemon.
    @Test func aRequestIsMetAlsoWhenAnotherRunHasFoundItDead() async throws {
        try await Installation.withDemo { installation in
            try await withDaemon(installation, environment: ["PEERFOLIO_PAUSE_AT": "write"]) { daemon in
                try await daemon.waitForError(containing: "this daemon acts")
                _ = try await request(installation, "force => true")
                try await daemon.waitForError(containing: "paused at write")
                await daemon.send(SIGKILL)
                _ = try await daemon.outcome()
            }
            _ = try await installation.succeed("run")
            try await withDaemon(installation) { _ in
                try await installation.wait(
                    untilTrue: "select count(*) = 2 from peerfolio.runs where status = 'succeeded'")
            }
            #expect(
                try await fates(installation) == [
                    ["request", "failed", "ABANDONED", "1"], ["manual", "succeeded", nil, "1"],
                    ["request", "succeeded", nil, "2"],
                ])
        }
    }

    /// Killed at any moment, the daemon leaves the published run as it was, and the next one does what is left to do.
    @Test(arguments: ["started", "read", "encode", "search", "write", "check", "publish", "published"])
    func killedAtEveryPhase(phase: String) async throws {
        try await Installation.withDemo { installation in
            _ = try await installation.succeed("run")
            try await ReportReaders.reading(installation, [.simple]) {
                try await withDaemon(installation, environment: ["PEERFOLIO_PAUSE_AT": phase]) { daemon in
                    try await daemon.waitForError(containing: "this daemon acts")
                    _ = try await request(installation, "force => true")
                    try await daemon.waitForError(containing: "paused at \(phase)")
                    await daemon.send(SIGKILL)
                    _ = try await daemon.outcome()
                }
                try await withDaemon(installation) { daemon in
                    try await daemon.waitForError(containing: "this daemon acts")
                    try await installation.wait(
                        untilTrue: """
                            select count(*) filter (where status = 'succeeded') = 2
                               and count(*) filter (where status in ('queued', 'running')) = 0 from peerfolio.runs
                            """)
                    await daemon.send(SIGTERM)
                    expectSuccess(try await daemon.outcome())
                }
            }
            let attempts =
                phase == "published"
                ? [["request", "succeeded", nil, "1"]]
                : [["request", "failed", "ABANDONED", "1"], ["request", "succeeded", nil, "2"]]
            #expect(try await fates(installation) == [["manual", "succeeded", nil, "1"]] + attempts)
            try await expectOrder(installation)
        }
    }

    /// Notifications may get lost: what was asked for is found all the same.
    @Test func findsRequestsThatNobodyNotifiedItOf() async throws {
        try await Installation.withDemo { installation in
            try await withDaemon(installation) { daemon in
                try await daemon.waitForError(containing: "this daemon acts")
                try await installation.execute(
                    """
                    insert into peerfolio.runs (channel, status, phase, trigger, started_at)
                    values ('live', 'queued', 'start', 'request', null)
                    """)
                try await installation.wait(
                    untilTrue: "select count(*) = 1 from peerfolio.runs where status = 'succeeded'",
                    within: .seconds(5))
            }
        }
    }

    /// A daemon that starts before the database, or before anything is installed, waits.
    @Test func waitsForTheDatabase() async throws {
        try await Installation.withDemo(isMigrated: false) { installation in
            try await withDaemon(installation) { daemon in
                try await daemon.waitForError(containing: "the database cannot be used, waiting")
                try await installation.migrate()
                try await daemon.waitForError(containing: "the database is back")
                _ = try await request(installation)
                try await installation.wait(
                    untilTrue: "select count(*) = 1 from peerfolio.runs where status = 'succeeded'")
                await daemon.send(SIGTERM)
                expectSuccess(try await daemon.outcome())
            }
        }
    }

    /// A daemon that is stopped for longer than its lease finds out before it can publish.
    @Test func aDaemonThatComesBackFromTheDead() async throws {
        try await Installation.withDemo { installation in
            let go = installation.folder.appendingPathComponent("go")
            let environment = ["PEERFOLIO_PAUSE_AT": "publish", "PEERFOLIO_PAUSE_UNTIL": go.path]
            try await withDaemon(installation, environment: environment) { first in
                try await first.waitForError(containing: "this daemon acts")
                let run = try await request(installation)
                try await first.waitForError(containing: "paused at publish")
                await first.send(SIGSTOP)
                try await withDaemon(installation) { second in
                    try await installation.wait(
                        untilTrue: """
                            select count(*) = 1 from peerfolio.runs where retry_of = \(run) and status = 'succeeded'
                            """)
                    try Data().write(to: go)
                    await first.send(SIGCONT)
                    try await first.waitForError(containing: "another daemon acts")
                    try await first.waitForError(containing: "is not the live run of channel live any more")
                    await first.send(SIGTERM)
                    expectSuccess(try await first.outcome())
                    await second.send(SIGTERM)
                    expectSuccess(try await second.outcome())
                }
            }
            #expect(
                try await fates(installation) == [
                    ["request", "failed", "ABANDONED", "1"], ["request", "succeeded", nil, "2"],
                ])
            #expect(try await installation.value("select live_run_id from peerfolio.publication") == "2")
            try await expectOrder(installation)
        }
    }

    /// A lost connection is a fault that passes: another attempt, and the daemon goes on.
    @Test(arguments: ["read", "search", "write", "check"])
    func repeatsWhatAPassingFaultHasEnded(phase: String) async throws {
        try await Installation.withDemo { installation in
            let go = installation.folder.appendingPathComponent("go")
            let environment = ["PEERFOLIO_PAUSE_AT": phase, "PEERFOLIO_PAUSE_UNTIL": go.path]
            try await withDaemon(installation, environment: environment) { daemon in
                try await daemon.waitForError(containing: "this daemon acts")
                _ = try await request(installation)
                try await daemon.waitForError(containing: "paused at \(phase)")
                try await installation.execute(
                    """
                    select pg_terminate_backend(pid) from pg_stat_activity
                    where application_name = 'peerfolio' and datname = current_database()
                    """)
                try await installation.wait(
                    untilTrue: "select count(*) = 1 from peerfolio.runs where status = 'failed'")
                try Data().write(to: go)
                try await installation.wait(
                    untilTrue: "select count(*) = 1 from peerfolio.runs where status = 'succeeded' and attempt = 2")
                await daemon.send(SIGTERM)
                expectSuccess(try await daemon.outcome())
            }
            let all = try await fates(installation)
            #expect(all.count == 2)
            #expect(all.first?[1] == "failed")
            #expect(["ABANDONED", "DATABASE_UNAVAILABLE"].contains(all.first?[2]))
            try await expectOrder(installation)
        }
    }

    /// What is wrong with the data is not repeated.
    @Test func doesNotRepeatWhatWillFailAgain() async throws {
        try await Installation.withDemo { installation in
            try await withDaemon(installation) { daemon in
                try await daemon.waitForError(containing: "this daemon acts")
                try await installation.execute(
                    "alter table demo.client_holdings rename column market_value to value")
                let run = try await request(installation)
                try await installation.wait(
                    untilTrue: "select status = 'failed' from peerfolio.runs where run_id = \(run)")
                try await Task.sleep(for: .seconds(1))
            }
            #expect(try await fates(installation) == [["request", "failed", "SOURCE_REFUSED", "1"]])
        }
    }

    /// When the database's clock was ahead for a while, the moments that it saw then are not acted upon again.
    @Test func aClockThatWasAhead() async throws {
        try await Installation.withDemo { installation in
            try await installation.execute(
                """
                insert into peerfolio.runs (
                    channel, status, phase, trigger, scheduled_for, reason_code, started_at, finished_at)
                values ('live', 'skipped', 'start', 'schedule', date_trunc('minute', now()) + interval '2 minutes',
                        'NO_CHANGE', null, now())
                """)
            try await withDaemon(installation, ["--set", "schedule.cron=* * * * *"]) { daemon in
                try await daemon.waitForError(containing: "this daemon acts")
                try await installation.execute(
                    "update peerfolio.schedulers set scheduled_since = clock_timestamp() - interval '1 hour'")
                try await Task.sleep(for: .seconds(2))
            }
            #expect(try await fates(installation) == [["schedule", "skipped", "NO_CHANGE", "1"]])
        }
    }

    /// SIGTERM cancels a run that does not end within the grace; whoever acts next does it.
    @Test func stopsWithinItsGrace() async throws {
        try await Installation.withDemo { installation in
            try await withDaemon(
                installation, ["--set", "schedule.shutdown_grace=300ms"],
                environment: ["PEERFOLIO_PAUSE_AT": "write"]
            ) { daemon in
                try await daemon.waitForError(containing: "this daemon acts")
                _ = try await request(installation)
                try await daemon.waitForError(containing: "paused at write")
                await daemon.send(SIGTERM)
                expectSuccess(try await daemon.outcome(within: .seconds(10)))
            }
            #expect(
                try await fates(installation) == [
                    ["request", "cancelled", "CANCELLED", "1"], ["request", "queued", nil, "2"],
                ])
            try await withDaemon(installation) { daemon in
                try await installation.wait(
                    untilTrue: "select count(*) = 1 from peerfolio.runs where status = 'succeeded'")
                await daemon.send(SIGTERM)
                expectSuccess(try await daemon.outcome())
            }
            try await expectOrder(installation)
        }
    }

    @Test func worksThroughPgBouncer() async throws {
        try await Installation.withDemo { installation in
            try await PgBouncer.with(installation) { bouncer in
                let conninfo = try await bouncer.conninfo(installation)
                let options = ["--set", "connection=\(conninfo)"]
                try await withDaemon(installation, options, environment: ["PEERFOLIO_PAUSE_AT": "write"]) { first in
                    try await first.waitForError(containing: "this daemon acts")
                    try await withDaemon(installation, options) { second in
                        try await second.waitForError(containing: "another daemon acts")
                        let run = try await request(installation)
                        try await first.waitForError(containing: "paused at write")
                        await first.send(SIGKILL)
                        try await installation.wait(
                            untilTrue: """
                                select count(*) = 1 from peerfolio.runs
                                where retry_of = \(run) and status = 'succeeded'
                                """, within: .seconds(30))
                        await second.send(SIGTERM)
                        expectSuccess(try await second.outcome())
                    }
                }
            }
            try await expectOrder(installation)
        }
    }
}
