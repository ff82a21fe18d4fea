import Postgres
import TestSupport
import Testing

@testable import ResultStore

/// What operators can do by hand: publish, roll back and cancel, and nothing that a run could not.
@Suite(.requiresServer) struct PublicationByHandTests {
    /// A published run of one row.
    private static func publishOne(_ database: TestDatabase) async throws -> RunLease {
        try await database.withSession(as: .runner) { session in
            let lease = try RunLog.start(.test(), session: session)
            try lease.publishOneRow(session)
            return lease
        }
    }

    /// A run whose rows are there and verified, so that nothing but its status keeps it from being published.
    private static func load(_ database: TestDatabase) async throws -> RunLease {
        try await database.withSession(as: .runner) { session in
            let lease = try RunLog.start(.test(), session: session)
            try lease.writeOneRow(session)
            try lease.verifyOneRow(session)
            return lease
        }
    }

    @Test(arguments: ["running", "failed", "cancelled", "skipped"])
    func aRunThatHasNotSucceededIsNotPublished(status: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            let live = try await Self.publishOne(database)
            let other = try await Self.load(database)
            if status != "running" {
                try await database.execute(
                    "update peerfolio.runs set status = '\(status)', finished_at = now() where run_id = \(other.runID)")
            }
            let before = try await database.rows(
                "select p, r from peerfolio.publication p, peerfolio.runs r order by r")
            // It still holds its slot, with rows that would be seen.
            #expect(
                try await database.value("select slot from peerfolio.runs where run_id = \(other.runID)")
                    == "\(other.slot)")
            await expectRunError(.notPublishable, "run \(other.runID) is \(status); only a succeeded run") {
                try await database.withSession(as: .runner) { session in
                    try Publication.publish(runID: other.runID, channel: "live", session: session)
                }
            }
            let state = try await database.sqlState(
                of: "select peerfolio.publish_run(\(other.runID))", as: .operator)
            #expect(state == "PF001")
            let after = try await database.rows("select p, r from peerfolio.publication p, peerfolio.runs r order by r")
            #expect(after == before)
            let seen = try await database.rows(
                "select distinct run_id from peerfolio_bi.recommendations", as: .reader)
            #expect(seen == [["\(live.runID)"]])
        }
    }

    @Test func aQueuedRunIsNotPublished() async throws {
        try await TestServer.withMigratedDatabase { database in
            let queued = try await database.value("select peerfolio.request_run()", as: .operator) ?? ""
            let state = try await database.sqlState(of: "select peerfolio.publish_run(\(queued))", as: .operator)
            #expect(state == "PF001")
            #expect(try await database.value("select live_run_id from peerfolio.publication") == nil)
        }
    }

    /// Neither by its own channel's name nor by another's: a run belongs to one channel for good.
    @Test func aRunIsNotPublishedInAnotherChannel() async throws {
        try await TestServer.withMigratedDatabase { database in
            let live = try await Self.publishOne(database)
            let other = try await database.withSession(as: .runner) { session in
                let lease = try RunLog.start(.test(channel: "other"), session: session)
                try lease.publishOneRow(session)
                return lease
            }
            for (run, channel) in [(other.runID, "live"), (live.runID, "other"), (live.runID, "nowhere")] {
                let state = try await database.sqlState(
                    of: "select peerfolio.publish_run(\(run), '\(channel)')", as: .operator)
                #expect(state == "PF001")
            }
            let pointers = try await database.rows(
                "select channel, live_run_id, live_slot, previous_run_id from peerfolio.publication order by 1")
            #expect(
                pointers == [
                    ["live", "\(live.runID)", "\(live.slot)", nil], ["other", "\(other.runID)", "\(other.slot)", nil],
                ])
        }
    }

    /// Who did it and when is said, the first publication keeps its moment, and the other channel keeps all.
    @Test func publishingAndRollingBackSayWho() async throws {
        try await TestServer.withMigratedDatabase { database in
            let first = try await Self.publishOne(database)
            let second = try await Self.publishOne(database)
            try await database.execute(
                """
                insert into peerfolio.publication (channel, published_at, published_by, live_run_id, live_slot,
                    previous_run_id, previous_slot)
                values ('other', '2026-01-01', 'x', \(second.runID), \(second.slot), \(first.runID), \(first.slot));
                update peerfolio.publication set published_at = '2026-01-01' where channel = 'live';
                update peerfolio.runs set published_at = '2026-01-01';
                """)
            let pointer = """
                select live_run_id, live_slot, previous_run_id, previous_slot, published_by,
                       published_at > '2026-01-01' from peerfolio.publication where channel = 
                """
            let other = try await database.rows(pointer + "'other'")
            try await database.execute("select peerfolio.publish_run(\(first.runID))", as: .operator)
            let (one, two) = (["\(first.runID)", "\(first.slot)"], ["\(second.runID)", "\(second.slot)"])
            let operatorRole = TestDatabase.Role.operator.rawValue
            #expect(try await database.rows(pointer + "'live'") == [one + two + [operatorRole, "t"]])
            try await database.execute(
                "update peerfolio.publication set published_at = '2026-01-01', published_by = ''")
            try await database.execute("select peerfolio.roll_back()", as: .operator)
            #expect(try await database.rows(pointer + "'live'") == [two + one + [operatorRole, "t"]])
            try await database.execute("update peerfolio.publication set published_by = 'x' where channel = 'other'")
            #expect(try await database.rows(pointer + "'other'") == other)
            let moments = try await database.rows("select distinct published_at::date from peerfolio.runs")
            #expect(moments == [["2026-01-01"]])
        }
    }

    // MARK: Requests

    /// A request that was cancelled is nobody's turn, and whoever had it in hand cannot start it either.
    @Test func aCancelledRequestNeverStarts() async throws {
        try await TestServer.withMigratedDatabase { database in
            let (queued, next) = try await database.withSession(as: .runner) { session in
                let runID = try RunQueue.request(
                    channel: "live", reason: nil, asOf: nil, isForced: false, session: session)
                return (runID, try RunQueue.state(channel: "live", session: session).next)
            }
            #expect(next?.runID == queued)
            let answer = try await database.value("select peerfolio.cancel_run(\(queued))", as: .operator)
            #expect(answer == "cancelled")
            let state = try await database.withSession(as: .runner) { session in
                try RunQueue.state(channel: "live", session: session)
            }
            #expect(state.next == nil && state.secondsUntilNext == nil)
            try await Self.expectNotToStart(queued, database)
            let row = try await database.rows(
                "select status, reason_code, cancel_requested_by, slot, term, started_at from peerfolio.runs")
            #expect(row == [["cancelled", "CANCELLED", TestDatabase.Role.operator.rawValue, nil, nil, nil]])
        }
    }

    private static func expectNotToStart(
        _ queued: Int64, channel: String = "live", isForced: Bool = false, _ database: TestDatabase,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        let state = "select p, r from peerfolio.publication p left join peerfolio.runs r on true order by 1, 2"
        let before = try await database.rows(state)
        var request = try RunRequest.test(channel: channel)
        request.queuedRunID = queued
        request.isForced = isForced
        await expectRunError(.notQueued, "run \(queued)", sourceLocation: sourceLocation) { [request] in
            try await database.withSession(as: .runner) { _ = try RunLog.start(request, session: $0) }
        }
        #expect(try await database.rows(state) == before, sourceLocation: sourceLocation)
    }

    /// A queued run starts once, as what it was asked for, in the channel that it was asked for in.
    @Test func aRequestStartsOnceAndAsItWasAsked() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute("insert into peerfolio.publication (channel) values ('other')")
            let queued = try await database.withSession(as: .operator) { session in
                try session.execute("select peerfolio.request_run(force => true)").rows[0].get(at: 0, as: Int64.self)
            }
            try await Self.expectNotToStart(queued, isForced: false, database)
            try await Self.expectNotToStart(queued, channel: "other", isForced: true, database)
            var request = try RunRequest.test()
            request.queuedRunID = queued
            request.isForced = true
            let lease = try await database.withSession(as: .runner) { [request] in
                try RunLog.start(request, session: $0)
            }
            #expect(lease.runID == queued && lease.term == 1)
            try await database.withSession(as: .runner) { try lease.publishOneRow($0) }
            try await Self.expectNotToStart(queued, isForced: true, database)
        }
    }

    /// Whoever asks first is whom the log names, and a run that has ended stays as it ended.
    @Test func cancellingTwiceOrTooLateChangesNothing() async throws {
        try await TestServer.withMigratedDatabase { database in
            let ended = try await Self.publishOne(database)
            let running = try await Self.load(database)
            let cancel = { (run: Int64, role: TestDatabase.Role) in
                try await database.value("select peerfolio.cancel_run(\(run))", as: role)
            }
            #expect(try await cancel(running.runID, .operator) == "requested")
            let log = "select r from peerfolio.runs r order by run_id"
            let before = try await database.rows(log)
            #expect(try await cancel(running.runID, .runner) == "requested")
            #expect(try await cancel(ended.runID, .operator) == "succeeded")
            #expect(try await database.rows(log) == before)
            let canceller = try await database.withSession(as: .runner) { session in
                try RunLog.heartbeat(running, phase: .write, done: 0, total: 0, session: session)
            }
            #expect(canceller == TestDatabase.Role.operator.rawValue)
        }
    }
}
