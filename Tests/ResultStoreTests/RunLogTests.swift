import Postgres
import TestSupport
import Testing

@testable import Holdings
@testable import ResultStore

/// One live run per channel, and what becomes of dead ones.
@Suite(.requiresServer) struct RunLogTests {
    /// Starts a run over a connection that stays open until the body is through, as a living run's does.
    private func withRun(
        _ database: TestDatabase, channel: String = "live", slotCount: Int = 4,
        _ body: (RunLease, PostgresConnection) async throws -> Void
    ) async throws {
        let connection = try await PostgresConnection.open(ConnectionSettings(conninfo: database.conninfo(.runner)))
        let request = try RunRequest.test(channel: channel, slotCount: slotCount)
        let lease = try await connection.withSession { try RunLog.start(request, session: $0) }
        do {
            try await body(lease, connection)
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    private func start(_ database: TestDatabase, channel: String = "live", slotCount: Int = 4) async throws -> RunLease
    {
        let request = try RunRequest.test(channel: channel, slotCount: slotCount)
        return try await database.withSession(as: .runner) { try RunLog.start(request, session: $0) }
    }

    private func status(_ database: TestDatabase, _ lease: RunLease) async throws -> [String?] {
        try await database.rows(
            """
            select status, reason_code, finished_at is not null from peerfolio.runs where run_id = \(lease.runID)
            """)[0]
    }

    @Test func aSecondStartSaysWhoRuns() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await withRun(database) { lease, _ in
                await expectRunError(
                    .alreadyRunning, "run \(lease.runID)", "channel live", "testhost", "4711", "peerfolio_test_runner",
                    "since 20"
                ) { _ = try await start(database) }
                #expect(try await status(database, lease) == ["running", nil, "f"])
                // Another channel is another run.
                let other = try await start(database, channel: "test")
                #expect(other.slot != lease.slot)
                #expect(other.channel == "test")
            }
        }
    }

    @Test func aVanishedServerProcessIsTakenOver() async throws {
        try await TestServer.withMigratedDatabase { database in
            let dead = try await start(database)
            // The server ends a session a moment after the client is gone.
            try await database.wait(
                untilTrue: """
                    select count(*) = 0 from pg_stat_activity
                    where usename = 'peerfolio_test_runner' and datname = current_database()
                    """)
            let next = try await start(database)
            #expect(next.term == dead.term + 1)
            #expect(next.runID > dead.runID)
            #expect(try await status(database, dead) == ["failed", "ABANDONED", "t"])
            #expect(try await status(database, next) == ["running", nil, "f"])
        }
    }

    /// Behind a pooler the server process says nothing; only the heartbeat does.
    @Test func aSilentRunIsTakenOverWhenItsLeaseIsOver() async throws {
        try await TestServer.withMigratedDatabase { database in
            let silent = try await start(database)
            try await database.execute(
                """
                update peerfolio.runs set backend_pid = null, backend_started_at = null,
                    heartbeat_at = clock_timestamp() - interval '29 seconds'
                """)
            await expectRunError(.alreadyRunning) { _ = try await start(database) }
            try await database.execute(
                "update peerfolio.runs set heartbeat_at = clock_timestamp() - interval '31 seconds'")
            _ = try await start(database)
            #expect(try await status(database, silent) == ["failed", "ABANDONED", "t"])
        }
    }

    /// A backend with the same number that started at another time is somebody else.
    @Test func aReusedProcessNumberDoesNotKeepARunAlive() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await withRun(database) { lease, _ in
                try await database.execute(
                    "update peerfolio.runs set backend_started_at = backend_started_at - interval '1 second'")
                _ = try await start(database)
                #expect(try await status(database, lease) == ["failed", "ABANDONED", "t"])
            }
        }
    }

    @Test func aZombieCanDoNothing() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await withRun(database) { zombie, connection in
                try await connection.withSession { session in
                    try zombie.writeOneRow(session)
                    try RunLog.heartbeat(zombie, phase: .write, done: 1, total: 2, session: session)
                }
                let progress = try await database.rows(
                    "select phase, progress->>'done', progress->>'total' from peerfolio.runs")
                #expect(progress == [["write", "1", "2"]])
                try await database.execute(
                    "update peerfolio.runs set heartbeat_at = clock_timestamp() - interval '1 hour'")
                let next = try await start(database)
                try await database.withSession(as: .runner) { try next.publishOneRow($0) }

                let counts = RunCounts(clients: 1, clientsWithPortfolio: 1, products: 1, holdings: 1)
                let actions: [@Sendable (Session) throws -> Void] = [
                    { try RunLog.heartbeat(zombie, phase: .check, done: 0, total: 0, session: $0) },
                    { try RunLog.recordInput(zombie, counts: counts, fingerprint: "x", findings: [], session: $0) },
                    { try zombie.verifyOneRow($0) },
                    { try Publication.publish(zombie, session: $0) },
                    { try Publication.keepUnpublished(zombie, session: $0) },
                ]
                for action in actions {
                    await expectRunError(.fenceLost, "run \(zombie.runID)") {
                        try await connection.withSession(action)
                    }
                    #expect(try await status(database, zombie) == ["failed", "ABANDONED", "t"])
                }
                // Neither does the end that it would record.
                try await connection.withSession { session in
                    try RunLog.end(
                        zombie, because: .cancelled, in: .read, message: "late", sqlState: nil,
                        session: session)
                }
                #expect(try await status(database, zombie) == ["failed", "ABANDONED", "t"])
                let live = try await database.rows("select live_run_id, previous_run_id from peerfolio.publication")
                #expect(live == [["\(next.runID)", nil]])
            }
        }
    }

    @Test func recordsEverythingAboutARun() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await withRun(database) { lease, connection in
                let counts = RunCounts(clients: 4, clientsWithPortfolio: 3, products: 2, holdings: 7)
                let findings = [
                    Finding(
                        .negativeAmount, .warning, occurrences: 3, examples: ["a \"b\" \\ \n\u{1}", "{x,y}"], "in words"
                    ),
                    Finding(.heldByNobody, .info, occurrences: 1, "none"),
                ]
                try await connection.withSession { session in
                    let none = try RunLog.previousCounts(channel: "live", session: session)
                    #expect(none == nil)
                    try RunLog.recordInput(
                        lease, counts: counts, fingerprint: "f00", findings: findings, session: session)
                    try lease.publishOneRow(session)
                    try RunLog.recordPhases(lease, json: #"{"read": 3}"#, session: session)
                    let own = try RunLog.previousCounts(channel: "live", session: session)
                    let others = try RunLog.previousCounts(channel: "other", session: session)
                    #expect(own == counts)
                    #expect(others == nil)
                }
                let stored = try await database.rows(
                    "select code, severity, occurrences, examples[1], array_length(examples, 1) from peerfolio_bi.run_findings order by 1",
                    as: .reader)
                #expect(
                    stored == [
                        ["HELD_BY_NOBODY", "info", "1", nil, nil],
                        ["NEGATIVE_AMOUNT", "warning", "3", "a \"b\" \\ \n\u{1}", "2"],
                    ])
                let record = try await connection.withSession { try RunRecord.run(lease.runID, session: $0) }
                #expect(record?.status == "succeeded")
                #expect(record?.isLive == true)
                #expect(record?.isRestorable == true)
                #expect(record?.clients == 4)
                #expect(record?.holdings == 7)
                #expect(record?.findings == 2)
                #expect(record?.asOf == "2026-06-30")
                #expect(record?.requestedBy == "peerfolio_test_runner")
                #expect(try await database.value("select phases_ms->>'read' from peerfolio.runs") == "3")
            }
        }
    }

    @Test func recordsHowARunFailed() async throws {
        try await TestServer.withMigratedDatabase { database in
            let lease = try await start(database)
            try await database.withSession(as: .runner) { session in
                try RunLog.end(
                    lease, because: .databaseError, in: .read, message: "what happened",
                    sqlState: "57014",
                    session: session)
            }
            let row = try await database.rows("select status, reason_code, error, error_sqlstate from peerfolio.runs")
            #expect(row == [["failed", "DATABASE_ERROR", "what happened", "57014"]])
            try await database.withSession(as: .runner) { session in
                let newest = try RunRecord.newest(5, session: session)
                let newestOfOther = try RunRecord.newest(5, channel: "other", session: session)
                let live = try RunRecord.live(channel: "live", session: session)
                let unknown = try RunRecord.run(99, session: session)
                #expect(newest.map(\.runID) == [lease.runID])
                #expect(newestOfOther.isEmpty)
                #expect(live == nil)
                #expect(unknown == nil)
            }
        }
    }

    /// Eight starters in two channels, all at once: never two live runs in a channel, no deadlock, and all get through.
    @Test func concurrentStartsNeverRunTwice() async throws {
        try await TestServer.withMigratedDatabase { database in
            // Two channels with a live, a previous and a running run each.
            try await database.execute("set role peerfolio_owner; select peerfolio.ensure_slots(6)")
            let published = try await withThrowingTaskGroup(of: Int.self) { group in
                for starter in 0..<8 {
                    group.addTask {
                        let channel = starter % 2 == 0 ? "live" : "test"
                        let connection = try await PostgresConnection.open(
                            ConnectionSettings(conninfo: database.conninfo(.runner)))
                        var published = 0
                        while published < 3 {
                            do {
                                let request = try RunRequest.test(channel: channel, slotCount: 6)
                                try await connection.withSession { session in
                                    let lease = try RunLog.start(request, session: session)
                                    let running: Int = try session.execute(
                                        "select count(*) from peerfolio.runs where status = 'running' and channel = $1",
                                        [.text(channel)]
                                    ).rows[0].get(at: 0)
                                    #expect(running == 1)
                                    try lease.publishOneRow(session)
                                    try RunLog.sweep(
                                        keeping: 400, statementTimeout: .seconds(5), session: session)
                                }
                                published += 1
                            } catch let error as RunError where error.code == .alreadyRunning {
                                try await Task.sleep(for: .milliseconds(Int.random(in: 1...9)))
                            }
                        }
                        await connection.close()
                        return published
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(published == 24)
            let statuses = try await database.rows(
                "select channel, status, count(*) from peerfolio.runs group by 1, 2 order by 1, 2")
            #expect(statuses == [["live", "succeeded", "12"], ["test", "succeeded", "12"]])
            let terms = try await database.rows("select channel, term from peerfolio.publication order by 1")
            #expect(terms == [["live", "12"], ["test", "12"]])
        }
    }
}
