import Foundation
import TestSupport
import Testing

extension FaultTests {
    /// The daemon as a process.
    @Suite(.serialized) struct DaemonTests {
        /// Quick enough for tests: looks around four times a second, takes over after two seconds.
        static let quick = [
            "--set", "schedule.poll=250ms", "--set", "timeouts.lease=2s", "--set", "retry.delay=200ms", "--set",
            "retry.max_delay=500ms",
        ]

        func withDaemon<Value: Sendable>(
            _ installation: Installation, _ options: [String] = [], environment: [String: String] = [:],
            _ body: (ChildProcess) async throws -> Value
        ) async throws -> Value {
            try await ChildProcess.withRunning(
                PeerfolioBinary.url(),
                ["schedule", "--config", installation.config.path] + Self.quick + options,
                environment: environment, in: installation.folder, body)
        }

        /// What became of all runs, in order.
        func fates(_ installation: Installation) async throws -> [[String?]] {
            try await installation.rows(
                "select trigger, status, reason_code, attempt from peerfolio.runs order by run_id")
        }

        /// At most one run at a time, published data whole.
        func expectOrder(_ installation: Installation) async throws {
            #expect(
                try await installation.value(
                    """
                    select count(*) from peerfolio.runs a join peerfolio.runs b on a.run_id < b.run_id
                    where a.channel = b.channel and a.status = 'succeeded' and b.status = 'succeeded'
                      and tstzrange(a.started_at, a.finished_at) && tstzrange(b.started_at, b.finished_at)
                    """) == "0")
            #expect(
                try await installation.value(
                    """
                    select coalesce((select (select count(*) from peerfolio_bi.recommendations) = r.recommendations
                     from peerfolio.publication p join peerfolio.runs r on r.run_id = p.live_run_id
                     where p.channel = 'live'), true)
                    """) == "t")
        }

        func request(_ installation: Installation, _ arguments: String = "") async throws -> String {
            try await installation.value("select peerfolio.request_run(\(arguments))")
        }

        /// Who asked is told, and the log does not call it published.
        @Test func saysThatARunIsHeldBack() async throws {
            try await Installation.withWarehouse(
                UnrelatedWarehouse.sql, mapping: UnrelatedWarehouse.mapping
            ) { installation in
                try await withDaemon(installation, ["--set", "publish.gate=true"]) { daemon in
                    try await daemon.waitForError(containing: "this daemon acts")
                    let request = try await installation.peerfolio("request")
                    #expect(request.ending == .exit(65), "\(request.errors)")
                    #expect(request.output.contains("GRADED_WORSE"))
                    try await daemon.waitForError(containing: "worse than popularity")
                    try await daemon.waitForError(containing: "the run is stored, not published")
                }
                #expect(try await fates(installation) == [["request", "succeeded", "GRADED_WORSE", "1"]])
                #expect(try await installation.value("select live_run_id is null from peerfolio.publication") == "t")
            }
        }

        @Test func runsWhenSQLAsks() async throws {
            try await Installation.withDemo { installation in
                let outcome = try await withDaemon(installation) { daemon in
                    try await daemon.waitForError(containing: "this daemon acts")
                    let first = try await request(installation, "reason => 'loaded'")
                    try await installation.wait(
                        untilTrue: "select status = 'succeeded' from peerfolio.runs where run_id = \(first)")
                    // Nothing has changed since; who insists gets a run all the same.
                    let second = try await request(installation)
                    try await installation.wait(
                        untilTrue: "select status = 'skipped' from peerfolio.runs where run_id = \(second)")
                    let third = try await request(installation, "force => true, as_of => '2026-06-30'")
                    try await installation.wait(
                        untilTrue: "select status = 'succeeded' from peerfolio.runs where run_id = \(third)")
                    await daemon.send(SIGTERM)
                    return try await daemon.outcome()
                }
                expectSuccess(outcome)
                #expect(
                    try await installation.rows(
                        """
                        select trigger, status, reason_code, request_reason, as_of_date = '2026-06-30', is_live
                        from peerfolio_bi.run_history order by run_id
                        """) == [
                            ["request", "succeeded", nil, "loaded", "f", "f"],
                            ["request", "skipped", "NO_CHANGE", nil, "f", "f"],
                            ["request", "succeeded", nil, nil, "t", "t"],
                        ])
                try await expectOrder(installation)
                // The lease was given up.
                #expect(
                    try await installation.value("select is_scheduler_alive from peerfolio_bi.run_health") == "f")
            }
        }

        @Test func logsALineOfJSONForEachEvent() async throws {
            try await Installation.withDemo { installation in
                let (run, outcome) = try await withDaemon(installation, ["--json"]) { daemon in
                    try await daemon.waitForError(containing: "this daemon acts")
                    let run = try await request(installation)
                    try await installation.wait(
                        untilTrue: "select status = 'succeeded' from peerfolio.runs where run_id = \(run)")
                    await daemon.send(SIGTERM)
                    return (run, try await daemon.outcome())
                }
                expectSuccess(outcome)
                let events = try outcome.errorLines.map {
                    try JSONDecoder().decode([String: String].self, from: Data($0.utf8))
                }
                for event in events {
                    let time = try #require(event["time"])
                    #expect(throws: Never.self) {
                        try Date(time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
                    }
                    #expect(["info", "notice"].contains(event["level"]))
                    #expect(event["message"]?.isEmpty == false)
                }
                let phases = events.filter { $0["run_id"] == run }.compactMap { $0["phase"] }
                #expect(phases == ["read", "encode", "search", "write", "check", "publish", "done"])
            }
        }

        @Test func cancelsWhatIsQueuedAndWhatRuns() async throws {
            try await Installation.withDemo { installation in
                let queued = try await request(installation)
                #expect(try await installation.value("select peerfolio.cancel_run(\(queued))") == "cancelled")
                #expect(try await installation.value("select peerfolio.cancel_run(\(queued))") == "cancelled")
                try await withDaemon(installation, environment: ["PEERFOLIO_PAUSE_AT": "search"]) { daemon in
                    let running = try await request(installation)
                    try await daemon.waitForError(containing: "paused at search")
                    #expect(try await installation.value("select peerfolio.cancel_run(\(running))") == "requested")
                    try await installation.wait(
                        untilTrue: """
                            select status = 'cancelled' and reason_code = 'CANCEL_REQUESTED'
                            from peerfolio.runs where run_id = \(running)
                            """)
                    // Nobody wanted it: it is not tried again.
                    try await Task.sleep(for: .seconds(1))
                }
                #expect(
                    try await fates(installation) == [
                        ["request", "cancelled", "CANCELLED", "1"], ["request", "cancelled", "CANCEL_REQUESTED", "1"],
                    ])
                await #expect(throws: (any Error).self) {
                    _ = try await installation.value("select peerfolio.cancel_run(999)")
                }
            }
        }

        @Test func runsOnSchedule() async throws {
            try await Installation.withDemo { installation in
                try await withDaemon(installation, ["--set", "schedule.cron=* * * * *"]) { daemon in
                    try await installation.wait(
                        untilTrue: "select count(*) = 1 from peerfolio.runs where status = 'succeeded'",
                        within: .seconds(75))
                    await daemon.send(SIGTERM)
                    expectSuccess(try await daemon.outcome())
                }
                #expect(
                    try await installation.value(
                        """
                        select trigger = 'schedule' and extract(second from scheduled_for) = 0
                           and started_at - scheduled_for between '0' and '30 s' from peerfolio.runs
                        """) == "t")
            }
        }

        /// After downtime one run, never a pile; what is older than the grace is only recorded.
        @Test(arguments: [
            ("once", "6h", [["schedule", "skipped", "MISSED", "1"], ["catch_up", "succeeded", nil, "1"]]),
            ("none", "6h", [["schedule", "skipped", "MISSED", "1"]]),
            ("once", "1s", [["schedule", "skipped", "MISSED", "1"]]),
        ])
        func makesUpForMissedRunsOnce(catchUp: String, grace: String, expected: [[String?]]) async throws {
            try await Installation.withDemo { installation in
                // The last moment that was decided about lies three days back, and no moment is near now.
                let minute = (Int(Date().timeIntervalSince1970) / 60 + 30) % 60
                let options = [
                    "--set", "schedule.cron=\(minute) * * * *", "--set", "schedule.catch_up=\(catchUp)", "--set",
                    "schedule.grace=\(grace)",
                ]
                try await withDaemon(installation, options) { daemon in
                    try await daemon.waitForError(containing: "this daemon acts")
                    await daemon.send(SIGTERM)
                    _ = try await daemon.outcome()
                }
                #expect(try await fates(installation) == [])
                try await installation.execute(
                    "update peerfolio.schedulers set scheduled_since = clock_timestamp() - interval '3 days'")
                try await withDaemon(installation, options) { daemon in
                    try await installation.wait(
                        untilTrue: """
                            select count(*) = \(expected.count) and bool_and(finished_at is not null) from peerfolio.runs
                            """)
                    try await Task.sleep(for: .seconds(1))
                    await daemon.send(SIGTERM)
                    expectSuccess(try await daemon.outcome())
                }
                #expect(try await fates(installation) == expected)
                #expect(
                    try await installation.value("select error from peerfolio.runs where reason_code = 'MISSED'")
                        .hasPrefix(expected.count == 2 ? "71 runs were missed" : "72 runs were missed"))
            }
        }

        @Test func tellsWhetherAllIsWell() async throws {
            try await Installation.withDemo { installation in
                let schedule = ["--set", "schedule.cron=@daily"]
                let nothing = try await installation.peerfolio("status", schedule[0], schedule[1])
                #expect(nothing.ending == .exit(1))
                #expect(nothing.output.contains("nothing is published yet"))
                #expect(nothing.output.contains("no daemon acts"))
                _ = try await installation.succeed("run")
                try await withDaemon(installation, schedule) { daemon in
                    try await daemon.waitForError(containing: "this daemon acts")
                    let well = try await installation.peerfolio("status", schedule[0], schedule[1], "--json")
                    expectSuccess(well)
                    #expect(well.output.contains("\"live_run_id\" : 1"))
                    #expect(well.output.contains("@daily (UTC)"))
                }
            }
        }

        @Test func keepsFiguresForPrometheus() async throws {
            try await Installation.withDemo { installation in
                let file = installation.folder.appendingPathComponent("peerfolio.prom")
                let options = ["--set", "metrics.textfile=\(file.path)", "--set", "schedule.cron=@daily"]
                try await withDaemon(installation, options) { daemon in
                    _ = try await request(installation)
                    try await installation.wait(
                        untilTrue: "select count(*) = 1 from peerfolio.runs where status = 'succeeded'")
                    // After the run's end is in the log, the daemon has yet to look there.
                    try await installation.wait(
                        untilTrue: {
                            try String(contentsOf: file, encoding: .utf8).contains(
                                "peerfolio_live_run{channel=\"live\"} 1\n")
                        }, "the file has the run")
                    await daemon.send(SIGTERM)
                    _ = try await daemon.outcome()
                }
                let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
                for expected in [
                    "peerfolio_scheduler_acting{channel=\"live\"} 1", "peerfolio_live_run{channel=\"live\"} 1",
                    "peerfolio_failures_since_success{channel=\"live\"} 0", "# TYPE peerfolio_queued_runs gauge",
                ] {
                    #expect(lines.contains { $0 == expected }, "\(expected)")
                }
                #expect(lines.contains { $0.hasPrefix("peerfolio_next_run_timestamp_seconds{channel=\"live\"} 1") })
                #expect(
                    try FileManager.default.contentsOfDirectory(atPath: installation.folder.path)
                        .filter { $0.hasPrefix(".peerfolio.prom") } == [])
            }
        }

        @Test func aFileOfFiguresThatCannotBeWrittenIsNewsOnce() async throws {
            try await Installation.withDemo { installation in
                let folder = installation.folder.appendingPathComponent("absent")
                let file = folder.appendingPathComponent("peerfolio.prom")
                try await withDaemon(installation, ["--set", "metrics.textfile=\(file.path)"]) { daemon in
                    try await daemon.waitForError(containing: "the metrics file cannot be written")
                    // Looks around several times meanwhile.
                    _ = try await request(installation)
                    try await installation.wait(
                        untilTrue: "select count(*) = 1 from peerfolio.runs where status = 'succeeded'")
                    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
                    try await daemon.waitForError(containing: "the metrics file is written again")
                    await daemon.send(SIGTERM)
                    let log = try await daemon.outcome().errorLines
                    #expect(log.count { $0.contains("the metrics file cannot be written") } == 1)
                }
            }
        }

        @Test func followsARequest() async throws {
            try await Installation.withDemo { installation in
                try await withDaemon(installation) { daemon in
                    try await daemon.waitForError(containing: "this daemon acts")
                    let first = expectSuccess(try await installation.peerfolio("request", "--reason", "by hand"))
                    #expect(first.contains("run 1 succeeded: published in channel live"))
                    let second = expectSuccess(try await installation.peerfolio("request"))
                    #expect(second.contains("run 2 skipped: input and configuration are those of run 1"))
                    // The operator's script asks the daemon, too.
                    let rerun = try await ChildProcess.run(
                        PeerfolioBinary.checkout.appendingPathComponent("scripts/rerun"),
                        ["--config", installation.config.path, "--force"],
                        environment: ["PEERFOLIO_BIN": PeerfolioBinary.url().path], in: installation.folder)
                    expectSuccess(rerun)
                    #expect(rerun.errors.contains("rerun: asking the daemon"))
                    #expect(rerun.output.contains("run 3 succeeded: published in channel live"))
                }
                #expect(
                    try await installation.rows("select trigger, request_reason from peerfolio.runs order by run_id")
                        == [["request", "by hand"], ["request", nil], ["request", "scripts/rerun"]])
            }
        }

        @Test func printsComingMoments() async throws {
            try await Installation.withDemo(isMigrated: false) { installation in
                let options = [
                    "--set", "schedule.cron=30 2 * * *", "--set", "schedule.time_zone=Europe/Lisbon", "--next", "3",
                ]
                func moments(_ from: String, _ format: String...) async throws -> ChildProcess.Outcome {
                    try await ChildProcess.run(
                        PeerfolioBinary.url(),
                        ["schedule", "--config", installation.config.path] + options + ["--from", from] + format,
                        in: installation.folder)
                }
                // 01:00 does not exist on 29 March: 2:30 does, an hour nearer.
                let spring = try await moments("2026-03-28T12:00:00Z", "--json")
                expectSuccess(spring)
                let parsed = try JSONDecoder().decode([[String: String]].self, from: Data(spring.output.utf8))
                #expect(
                    parsed == [
                        ["local": "2026-03-29T02:30:00+01:00", "utc": "2026-03-29T01:30:00Z"],
                        ["local": "2026-03-30T02:30:00+01:00", "utc": "2026-03-30T01:30:00Z"],
                        ["local": "2026-03-31T02:30:00+01:00", "utc": "2026-03-31T01:30:00Z"],
                    ])
                let table = try await moments("2026-10-24T12:00:00+02:00")
                #expect(table.output.contains("2026-10-25T02:30:00+00:00  2026-10-25T02:30:00Z"))
                expectFailure(try await moments("tomorrow"), 64, saying: "--from is an instant of ISO 8601")
                let none = try await installation.peerfolio("schedule", "--next", "3")
                expectFailure(none, 64, saying: "schedule.cron is not set")
                let wrong = try await installation.peerfolio(
                    "schedule", "--next", "1", "--set", "schedule.cron=61 * * * *")
                expectFailure(wrong, 64, saying: "minute \"61\"")
            }
        }

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
}
