import TestSupport
import Testing

@testable import Holdings
@testable import ResultStore

/// What waits, whose turn it is, and what is repeated: rows in, decisions out.
@Suite(.requiresServer) struct RunQueueTests {
    /// A row of the run log, by its columns beyond channel and status.
    private static func run(_ status: String, channel: String = "live", _ values: KeyValuePairs<String, String>)
        -> String
    {
        let ended = !["queued", "running"].contains(status)
        let columns: [(String, String)] = [
            ("term", "1"), ("as_of_date", "'2026-06-30'"), ("config", "'{}'"), ("config_hash", "''"), ("host", "''"),
            ("process_id", "1"), ("program_version", "''"), ("phase", "'start'"), ("channel", "'\(channel)'"),
            ("status", "'\(status)'"), ("finished_at", ended ? "now()" : "null"),
        ]
        let given = values.map { ($0, $1) }
        let all =
            columns.filter { column in !given.contains { $0.0 == column.0 } } + given
            + (given.contains { $0.0 == "trigger" } ? [] : [("trigger", "'request'")])
        return """
            insert into peerfolio.runs (\(all.map(\.0).joined(separator: ", ")))
            values (\(all.map(\.1).joined(separator: ", ")));
            """
    }

    private static func state(_ database: TestDatabase) async throws -> RunQueue.State {
        try await database.withSession(as: .runner) { try RunQueue($0).state(channel: "live") }
    }

    @Test func theOldestThatMayStartIsNext() async throws {
        try await TestServer.withMigratedDatabase { database in
            let empty = try await Self.state(database)
            #expect(empty.next == nil && empty.runningRunID == nil && empty.lastMoment == nil)
            #expect(empty.queuedBySchedule == 0 && empty.secondsUntilNext == nil)
            try await database.execute(
                Self.run("queued", channel: "other", [:])
                    + Self.run("queued", ["not_before": "now() + interval '1 hour'", "trigger": "'schedule'"])
                    + Self.run("queued", ["not_before": "now() + interval '2 hours'", "trigger": "'notify'"])
                    + Self.run("running", channel: "other", ["scheduled_for": "to_timestamp(9000)"])
                    + Self.run("skipped", ["scheduled_for": "to_timestamp(6000)"])
                    + Self.run("skipped", ["scheduled_for": "to_timestamp(3000)"]))
            let waiting = try await Self.state(database)
            #expect(waiting.next == nil && waiting.runningRunID == nil && waiting.lastMoment == 6000)
            #expect(waiting.queuedBySchedule == 1)
            let seconds = try #require(waiting.secondsUntilNext)
            #expect((3000...3600).contains(seconds))
            try await database.execute(
                Self.run(
                    "queued",
                    [
                        "trigger": "'catch_up'", "not_before": "now() - interval '1 second'", "is_forced": "true",
                        "attempt": "3", "as_of_date": "'2026-05-31'",
                    ])
                    + Self.run("queued", ["as_of_date": "null"]) + Self.run("running", [:]))
            let ready = try await Self.state(database)
            #expect(
                ready.next
                    == QueuedRun(
                        runID: 7, trigger: .catchUp, asOf: BusinessDate("2026-05-31"), isForced: true, attempt: 3))
            #expect(ready.runningRunID == 9 && ready.queuedBySchedule == 2)
        }
    }

    /// A due moment is acted upon once, by whatever row; other channels have moments of their own.
    @Test func aMomentHasOneRow() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.withSession(as: .runner) { session in
                let first = try RunQueue(session).add(channel: "live", trigger: .schedule, moment: 60)
                let again = try RunQueue(session).add(channel: "live", trigger: .catchUp, moment: 60)
                let skipped = try RunQueue(session).skip(
                    channel: "live", trigger: .schedule, moment: 60, because: .missed, message: "m")
                let other = try RunQueue(session).add(channel: "other", trigger: .schedule, moment: 60)
                let next = try RunQueue(session).skip(
                    channel: "live", trigger: .schedule, moment: 120, because: .missed, message: "m")
                let moments = try (0..<2).map { _ in
                    try RunQueue(session).add(channel: "live", trigger: .notify, reason: "r")
                }
                #expect(first == 1 && again == nil && skipped == nil && other != nil && next != nil)
                #expect(moments.allSatisfy { $0 != nil })
            }
            #expect(
                try await database.rows(
                    """
                    select channel, status, trigger, extract(epoch from scheduled_for)::int, reason_code, started_at
                    from peerfolio.runs where scheduled_for is not null order by run_id
                    """) == [
                        ["live", "queued", "schedule", "60", nil, nil],
                        ["other", "queued", "schedule", "60", nil, nil],
                        ["live", "skipped", "schedule", "120", "MISSED", nil],
                    ])
        }
    }

    /// One that waits reads what has been loaded by then; one that is going on may have read before.
    @Test func oneNotificationWaitsAtATime() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                Self.run("queued", ["trigger": "'request'"]) + Self.run("running", ["trigger": "'notify'"])
                    + Self.run("queued", channel: "other", ["trigger": "'notify'"]))
            for _ in 1...2 {
                try await database.withSession(as: .runner) { session in
                    try RunQueue(session).addForNotification(channel: "live")
                }
                #expect(
                    try await database.rows(
                        "select channel, status, trigger from peerfolio.runs where run_id > 3")
                        == [["live", "queued", "notify"]])
            }
        }
    }

    /// However little of the log is to be kept, what waits or is going on stays.
    @Test func whatIsStillToComeIsNotSwept() async throws {
        try await TestServer.withMigratedDatabase { database in
            let ended = (1...3).map { _ in Self.run("failed", [:]) }.joined()
            try await database.execute(
                Self.run("queued", [:]) + Self.run("running", [:]) + Self.run("skipped", [:]) + ended)
            try await database.withSession(as: .runner) { session in
                try RunLog(session, statementTimeout: .seconds(30)).sweep(keeping: 1)
            }
            #expect(
                try await database.rows("select run_id, status from peerfolio.runs order by 1")
                    == [["1", "queued"], ["2", "running"], ["6", "failed"]])
        }
    }

    // MARK: Repeating

    @Test(
        arguments: [
            // Its status and trigger, what else is so, and whether there is another attempt.
            ("failed", ["trigger": "'request'"], true), ("cancelled", ["trigger": "'schedule'"], true),
            ("failed", ["trigger": "'notify'", "attempt": "2", "retry_of": "7"], true),
            ("failed", ["trigger": "'manual'"], false), ("failed", ["attempt": "3"], false),
            ("succeeded", [:], false), ("skipped", [:], false), ("running", [:], false), ("queued", [:], false),
        ] as [(String, KeyValuePairs<String, String>, Bool)])
    func anotherAttemptIsQueuedOnce(status: String, values: KeyValuePairs<String, String>, isRepeated: Bool)
        async throws
    {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                Self.run(status, values)
                    + "update peerfolio.runs set is_forced = true, request_reason = 'why', requested_by = 'who'")
            let attempts = try await database.withSession(as: .runner) { session in
                try (1...2).map { _ in
                    try RunQueue(session).retry(1, after: .seconds(3600), attemptLimit: 3)
                }
            }
            #expect(attempts == [isRepeated ? 2 : nil, nil])
            let next = try await database.rows(
                """
                select n.status, n.trigger = r.trigger, n.as_of_date = r.as_of_date, n.is_forced, n.request_reason,
                       n.requested_by, n.attempt - r.attempt, n.retry_of = coalesce(r.retry_of, r.run_id),
                       n.not_before - clock_timestamp() between '50 min' and '1 h', n.started_at
                from peerfolio.runs r, peerfolio.runs n where r.run_id = 1 and n.run_id = 2
                """)
            #expect(next == (isRepeated ? [["queued", "t", "t", "t", "why", "who", "1", "t", "t", nil]] : []))
        }
    }

    @Test(
        arguments: [
            ("", true), ("update peerfolio.runs set reason_code = 'COMMIT_LOST'", true),
            ("update peerfolio.runs set reason_code = 'DATABASE_UNAVAILABLE'", true),
            // What will fail again, what somebody wanted to end, and what nobody waits for any more.
            ("update peerfolio.runs set reason_code = 'DATA_REFUSED'", false),
            ("update peerfolio.runs set status = 'cancelled'", false),
            ("update peerfolio.runs set trigger = 'manual'", false),
            ("update peerfolio.runs set attempt = 3", false),
            ("update peerfolio.runs set finished_at = now() - interval '25 hours'", false),
            ("update peerfolio.runs set channel = 'other'", false),
            // It has another attempt, or a later run has done it; who has asked for it gets it all the same.
            (run("queued", ["retry_of": "1", "attempt": "2"]), false),
            (run("queued", ["retry_of": "5", "attempt": "2"]), true),
            // All attempts name the first.
            (
                "update peerfolio.runs set attempt = 2, retry_of = 7;"
                    + run("queued", ["retry_of": "7", "attempt": "3"]),
                false
            ),
            (run("succeeded", [:]), false),
            (run("succeeded", channel: "other", [:]), true), (run("failed", ["reason_code": "'DATA_REFUSED'"]), true),
            ("update peerfolio.runs set trigger = 'request';" + run("succeeded", [:]), true),
        ])
    func whatNobodyHasRepeatedIsFound(event: String, isFound: Bool) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.run("failed", ["trigger": "'schedule'", "reason_code": "'ABANDONED'"]))
            try await database.execute(event)
            let found = try await database.withSession(as: .runner) { session in
                try RunQueue(session).unrepeated(channel: "live", attemptLimit: 3).map(\.runID)
            }
            #expect(found == (isFound ? [1] : []))
        }
    }

    /// What has been taken in hand meanwhile is not touched.
    @Test(arguments: ["queued", "running", "succeeded", "cancelled"])
    func onlyWhatIsQueuedIsPostponedOrEnded(status: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.run(status, [:]))
            let row =
                "select status, reason_code, not_before > clock_timestamp(), finished_at is null from peerfolio.runs"
            let before = try await database.rows(row)
            try await database.withSession(as: .runner) { session in
                try RunQueue(session).postpone(1, by: .seconds(3600))
                try RunQueue(session).end(1, because: .missed, message: "m")
            }
            #expect(
                try await database.rows(row) == (status == "queued" ? [["skipped", "MISSED", "t", "f"]] : before))
        }
    }

    /// Whoever follows a run waits a moment for the attempt that a scheduler may be about to queue.
    @Test(arguments: [
        ("failed", RunReason.abandoned, "now()", "0 s", true), ("failed", .abandoned, "now()", "1 min", false),
        ("failed", .databaseError, "now()", "0 s", false),
        // Its scheduler was stopped, and leaves it to the next.
        ("cancelled", .cancelled, "now()", "0 s", true), ("cancelled", .cancelled, "now()", "1 min", false),
        ("cancelled", .cancelled, "null", "0 s", false), ("cancelled", .cancelRequested, "now()", "0 s", false),
    ])
    func anotherAttemptMayFollow(
        status: String, reason: RunReason, start: String, age: String, mayFollow: Bool
    ) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                insert into peerfolio.runs (channel, status, phase, trigger, reason_code, started_at, finished_at)
                values ('live', '\(status)', 'read', 'request', '\(reason.rawValue)', \(start), now() - interval '\(age)')
                """)
            let record = try await database.withSession(as: .runner) { try RunHistory($0).newestAttempt(of: 1) }
            #expect(record?.mayBeRepeated == mayFollow)
        }
    }
}
