import Foundation
import TestSupport
import Testing

/// What is due, what the load job asks for, and what the sources are too old for.
extension FaultTests.DaemonTests {
    /// A run that is due while another goes on is skipped, or waits; either way there is a row.
    @Test(arguments: ["skip", "queue"])
    func whatIsDueDuringARun(overlap: String) async throws {
        try await Installation.withDemo { installation in
            // The minute that has just begun; the daemon is told that it has not looked for a while.
            let minute = Int(Date().timeIntervalSince1970) / 60 % 60
            let options = [
                "--set", "schedule.cron=\(minute) * * * *", "--set", "schedule.overlap=\(overlap)", "--set",
                "schedule.unchanged=run",
            ]
            let go = installation.folder.appendingPathComponent("go")
            let environment = ["PEERFOLIO_PAUSE_AT": "search", "PEERFOLIO_PAUSE_UNTIL": go.path]
            try await withDaemon(installation, options, environment: environment) { daemon in
                try await daemon.waitForError(containing: "this daemon acts")
                _ = try await request(installation)
                try await daemon.waitForError(containing: "paused at search")
                try await installation.execute(
                    "update peerfolio.schedulers set scheduled_since = clock_timestamp() - interval '10 minutes'")
                try await installation.wait(
                    untilTrue: "select count(*) = 1 from peerfolio.runs where scheduled_for is not null")
                try Data().write(to: go)
                try await installation.wait(
                    untilTrue: "select count(*) = 0 from peerfolio.runs where status in ('queued', 'running')")
                await daemon.send(SIGTERM)
                expectSuccess(try await daemon.outcome())
            }
            #expect(
                try await installation.rows(
                    """
                    select trigger in ('schedule', 'catch_up'), status, reason_code, error from peerfolio.runs
                    where scheduled_for is not null
                    """) == [
                        overlap == "skip"
                            ? ["t", "skipped", "OVERLAP", "run 1 was still going on"]
                            : ["t", "succeeded", nil, nil]
                    ])
            try await expectOrder(installation)
        }
    }

    @Test func readsItsConfigurationAgain() async throws {
        try await Installation.withDemo { installation in
            let good = try String(contentsOf: installation.config, encoding: .utf8)
            try await withDaemon(installation) { daemon in
                try await daemon.waitForError(containing: "this daemon acts")
                try Data((good + "output: {top_m: 3}\n").utf8).write(to: installation.config)
                await daemon.send(SIGHUP)
                try await daemon.waitForError(containing: "did you mean output.top_n")
                try Data((good + "output: {top_n: 3}\n").utf8).write(to: installation.config)
                await daemon.send(SIGHUP)
                try await daemon.waitForError(containing: "the configuration was read again")
                _ = try await request(installation)
                try await installation.wait(
                    untilTrue: "select count(*) = 1 from peerfolio.runs where status = 'succeeded'")
                await daemon.send(SIGTERM)
                expectSuccess(try await daemon.outcome())
            }
            #expect(try await installation.value("select max(rank) from peerfolio_bi.recommendations") == "3")
        }
    }

    /// The company's own load job starts a run, without knowing of Peerfolio.
    @Test func startsWhenTheLoadJobNotifies() async throws {
        try await Installation.withDemo { installation in
            try await withDaemon(installation, ["--set", "schedule.notify=dwh loaded"]) { daemon in
                try await daemon.waitForError(containing: "this daemon acts")
                try await installation.wait(
                    untilTrue: """
                        select count(*) > 0 from pg_stat_activity
                        where query like 'LISTEN "dwh loaded"' and datname = current_database()
                        """)
                try await installation.execute("notify \"dwh loaded\"")
                try await installation.wait(
                    untilTrue: "select count(*) = 1 from peerfolio.runs where status = 'succeeded'")
            }
            #expect(try await fates(installation) == [["notify", "succeeded", nil, "1"]])
        }
    }

    /// Sources that are too old are not scored, unless somebody insists.
    @Test func leavesStaleSourcesAlone() async throws {
        try await Installation.withDemo { installation in
            let options = [
                "--set", "freshness.query=select clock_timestamp() - interval '3 hours'", "--set",
                "freshness.max_age=2h",
            ]
            try await withDaemon(installation, options) { daemon in
                _ = try await request(installation)
                try await installation.wait(
                    untilTrue: "select count(*) = 1 from peerfolio.runs where status = 'skipped'")
                _ = try await request(installation, "force => true")
                try await installation.wait(
                    untilTrue: "select count(*) = 1 from peerfolio.runs where status = 'succeeded'")
            }
            #expect(
                try await fates(installation) == [
                    ["request", "skipped", "STALE_SOURCE", "1"], ["request", "succeeded", nil, "1"],
                ])
            // Loaded long ago by a column of the holdings, too.
            let byColumn = try await installation.peerfolio(
                "run", "--set", "freshness.column=valid_from", "--set", "freshness.max_age=1h")
            expectFailure(byColumn, 65, saying: "which is more than freshness.max_age allows")
            let check = try await installation.peerfolio(
                "check", "--set", "freshness.column=valid_from", "--set", "freshness.max_age=1h")
            #expect(check.ending == .exit(65))
            #expect(check.errors.contains("which is more than freshness.max_age allows"))
            let noColumn = try await installation.peerfolio("run", "--set", "freshness.column=loaded_at")
            expectFailure(noColumn, 64, saying: "there is no such column")
            let noTime = try await installation.peerfolio("run", "--set", "freshness.query=select 'soon'")
            expectFailure(noTime, 64, saying: "must be one date or timestamp")
            let byHand = try await installation.peerfolio("run", options[0], options[1], options[2], options[3])
            expectFailure(byHand, 65, saying: "loaded 3 hours ago")
        }
    }
}
