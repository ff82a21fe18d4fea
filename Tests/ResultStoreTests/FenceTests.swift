import TestSupport
import Testing

@testable import ResultStore

/// Each fence holds by itself: whatever else still speaks for a run, one that has fallen is enough.
@Suite(.requiresServer) struct FenceTests {
    /// A run whose rows are there and verified, beside a live one; anything but publishing it would be wrong, until
    /// something has happened to it.
    private static func withLoaded(_ body: (TestDatabase, RunLease) async throws -> Void) async throws {
        try await TestServer.withMigratedDatabase { database in
            let lease = try await database.withSession(as: .runner) { session in
                try RunLog(session).start(.test()).publishOneRow(session)
                let lease = try RunLog(session).start(.test())
                try lease.writeOneRow(session)
                try lease.verifyOneRow(session)
                return lease
            }
            try await body(database, lease)
        }
    }

    @Test(arguments: [
        "update peerfolio.publication set term = term + 1",
        "update peerfolio.runs set term = term + 1 where run_id = 2",
        "update peerfolio.runs set checksum = null where run_id = 2",
        "update peerfolio.runs set status = 'failed', finished_at = now() where run_id = 2",
        "update peerfolio.runs set status = 'cancelled', finished_at = now() where run_id = 2",
        "update peerfolio.runs set status = 'succeeded', finished_at = now() where run_id = 2",
    ])
    func oneFallenFenceIsEnough(event: String) async throws {
        try await Self.withLoaded { database, lease in
            try await database.execute(event)
            let state = "select p, r from peerfolio.publication p, peerfolio.runs r order by r"
            let before = try await database.rows(state)
            await expectRunError(.fenceLost, "run 2") {
                try await database.withSession(as: .runner) { try Publication($0).publish(lease) }
            }
            // To keep a result moves no pointer, so the channel's term is none of its fences.
            if !event.contains("publication") {
                await expectRunError(.fenceLost, "run 2") {
                    try await database.withSession(as: .runner) { try Publication($0).keepUnpublished(lease) }
                }
            }
            #expect(try await database.rows(state) == before)
        }
    }

    /// A COMMIT that was not answered: whoever has ended the run since has decided.
    @Test(arguments: ["failed", "cancelled", "succeeded"]) func aLostCommitIsWhatTheLogSays(status: String) async throws
    {
        try await Self.withLoaded { database, lease in
            try await database.execute(
                "update peerfolio.runs set status = '\(status)', reason_code = 'X', finished_at = now() where run_id = 2"
            )
            let outcome = try await database.withSession(as: .runner) { try Publication($0).resolve(lease) }
            #expect(outcome == (status == "succeeded" ? .succeeded : .failed))
            let log = try await database.rows("select status, reason_code from peerfolio.runs where run_id = 2")
            #expect(log == [[status, "X"]])
        }
    }

    @Test func withAllFencesTheRunIsPublished() async throws {
        try await Self.withLoaded { database, lease in
            try await database.withSession(as: .runner) { try Publication($0).publish(lease) }
            #expect(
                try await database.rows(
                    "select live_run_id, live_slot, previous_run_id, previous_slot, published_by from peerfolio.publication"
                )
                    == [["2", "\(lease.slot)", "1", "0", TestDatabase.Role.runner.rawValue]])
            #expect(
                try await database.rows(
                    """
                    select status, phase, reason_code, finished_at is not null, published_at is not null
                    from peerfolio.runs where run_id = 2
                    """) == [["succeeded", "done", nil, "t", "t"]])
        }
    }

    @Test(arguments: [RunReason.notPublished, .gradedWorse])
    func aResultThatIsKeptIsNotPublished(reason: RunReason) async throws {
        try await Self.withLoaded { database, lease in
            let before = try await database.rows("select p from peerfolio.publication p")
            try await database.withSession(as: .runner) { session in
                try Publication(session).keepUnpublished(lease, because: reason)
            }
            #expect(try await database.rows("select p from peerfolio.publication p") == before)
            #expect(
                try await database.rows(
                    "select status, reason_code, published_at, slot from peerfolio.runs where run_id = 2")
                    == [["succeeded", reason.rawValue, nil, "\(lease.slot)"]])
            // What was never published is nothing to compare new input with.
            try await database.execute(
                "update peerfolio.runs set clients = run_id, clients_with_portfolio = 1, products = 1, holdings = 1")
            func counts() async throws -> RunCounts? {
                try await database.withSession(as: .runner) { try Publication($0).live(channel: "live")?.counts }
            }
            #expect(try await counts()?.clients == 1)
            // Until somebody publishes it; then it is the newest that was.
            try await database.execute("select peerfolio.publish_run(2)", as: .operator)
            #expect(try await counts()?.clients == 2)
        }
    }

    /// Starting what was queued is a sign of life: how long it had waited says nothing about the run.
    @Test func aRunThatWasQueuedForLongIsNotDead() async throws {
        try await TestServer.withMigratedDatabase { database in
            let queued = try await database.withSession(as: .runner) { session in
                try RunQueue(session).request(channel: "live", reason: nil, asOf: nil, isForced: false)
            }
            // As behind a pooler, where only the heartbeat tells.
            try await database.execute("update peerfolio.runs set heartbeat_at = now() - interval '1 hour'")
            var request = try RunRequest.test()
            request.queuedRunID = queued
            let lease = try await database.withSession(as: .runner) { [request] in
                try RunLog($0).start(request)
            }
            try await database.execute("update peerfolio.runs set backend_pid = null, backend_started_at = null")
            let dead = try await database.withSession(as: .runner) { session in
                try RunLog(session).failDeadRuns(channel: "live", lease: .seconds(30))
            }
            #expect(dead == [])
            try await database.execute("update peerfolio.runs set heartbeat_at = now() - interval '1 hour'")
            let others = try await database.withSession(as: .runner) { session in
                let others = try RunLog(session).failDeadRuns(channel: "other", lease: .seconds(30))
                return others + (try RunLog(session).failDeadRuns(channel: "live", lease: .seconds(30)))
            }
            #expect(others == [lease.runID])
        }
    }
}
