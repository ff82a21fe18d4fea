import Postgres
import TestSupport
import Testing

@testable import ResultStore

/// The ring of slots and the pointer that moves over it.
@Suite(.requiresServer) struct PublicationTests {
    /// A whole run of one row.
    private func run(
        _ database: TestDatabase, channel: String = "live", slotCount: Int = 4, publishes: Bool = true
    ) async throws -> RunLease {
        let request = try RunRequest.test(channel: channel, slotCount: slotCount)
        return try await database.withSession(as: .runner) { session in
            let lease = try RunLog(session).start(request)
            try lease.writeOneRow(session)
            try lease.verifyOneRow(session)
            if publishes {
                try Publication(session).publish(lease)
            } else {
                try Publication(session).keepUnpublished(lease)
            }
            return lease
        }
    }

    private func sweep(_ database: TestDatabase, keeping runs: Int = 400) async throws {
        try await database.withSession(as: .runner) { session in
            try RunLog(session, statementTimeout: .seconds(5)).sweep(keeping: runs)
        }
    }

    private func pointer(_ database: TestDatabase, channel: String = "live") async throws -> [String?] {
        try await database.rows(
            "select live_run_id, live_slot, previous_run_id, previous_slot from peerfolio.publication where channel = '\(channel)'"
        )[0]
    }

    /// The run that reports see, with the rows that they find.
    private func visible(_ database: TestDatabase) async throws -> [[String?]] {
        try await database.rows("select run_id, count(*) from peerfolio_bi.recommendations group by 1", as: .reader)
    }

    @Test func goesRoundTheRing() async throws {
        try await TestServer.withMigratedDatabase { database in
            #expect(try await visible(database) == [])
            var leases: [RunLease] = []
            for round in 1...10 {
                let lease = try await run(database)
                leases.append(lease)
                try await sweep(database)
                #expect(try await visible(database) == [["\(lease.runID)", "1"]])
                let pointer = try await pointer(database)
                #expect(pointer[0] == "\(lease.runID)")
                #expect(pointer[2] == leases.dropLast().last.map { "\($0.runID)" })
                let restorable = try await database.rows(
                    "select run_id from peerfolio_bi.run_history where is_restorable order by run_id", as: .reader)
                #expect(restorable.map { $0[0] } == leases.suffix(4).map { "\($0.runID)" }, "round \(round)")
                let stored = try await database.rows(
                    "select distinct run_id, slot from peerfolio.recommendations order by run_id")
                #expect(stored == leases.suffix(4).map { ["\($0.runID)", "\($0.slot)"] })
            }
            #expect(Set(leases.map(\.slot)) == [0, 1, 2, 3])
            #expect(leases.map(\.term) == Array(1...10))
        }
    }

    @Test func rollingBackTwiceIsTheIdentity() async throws {
        try await TestServer.withMigratedDatabase { database in
            await expectRunError(.nothingToRollBack, "channel live") {
                try await database.withSession(as: .runner) {
                    _ = try Publication($0).rollBack(channel: "live")
                }
            }
            let first = try await run(database)
            await expectRunError(.nothingToRollBack) {
                try await database.withSession(as: .runner) {
                    _ = try Publication($0).rollBack(channel: "live")
                }
            }
            let second = try await run(database)
            let before = try await pointer(database)
            let result = try await database.withSession(as: .runner) { session in
                try Publication(session).rollBack(channel: "live")
            }
            #expect(result == (first.runID, second.runID))
            #expect(try await visible(database) == [["\(first.runID)", "1"]])
            _ = try await database.withSession(as: .runner) { try Publication($0).rollBack(channel: "live") }
            #expect(try await pointer(database) == before)
            #expect(try await visible(database) == [["\(second.runID)", "1"]])
            await expectRunError(.nothingToRollBack, "channel nowhere") {
                try await database.withSession { _ = try Publication($0).rollBack(channel: "nowhere") }
            }
        }
    }

    /// What was rolled back stays restorable while new runs come.
    @Test func aRunAfterARollBackKeepsTheOneThatWasLive() async throws {
        try await TestServer.withMigratedDatabase { database in
            let first = try await run(database)
            _ = try await run(database)
            _ = try await database.withSession(as: .runner) { try Publication($0).rollBack(channel: "live") }
            for _ in 1...6 {
                let next = try await run(database)
                try await sweep(database)
                let pointer = try await pointer(database)
                #expect(pointer[0] == "\(next.runID)")
                let rows = try await database.value(
                    """
                    select count(*) from peerfolio.recommendations r join peerfolio.publication p
                      on (r.slot, r.run_id) in ((p.live_slot, p.live_run_id), (p.previous_slot, p.previous_run_id))
                    """)
                #expect(rows == "2")
            }
            #expect(
                try await database.value("select status from peerfolio.runs where run_id = \(first.runID)")
                    == "succeeded")
        }
    }

    @Test func publishesAnEarlierRun() async throws {
        try await TestServer.withMigratedDatabase { database in
            let first = try await run(database)
            let kept = try await run(database, publishes: false)
            #expect(
                try await database.value("select reason_code from peerfolio.runs where run_id = \(kept.runID)")
                    == "NOT_PUBLISHED")
            #expect(try await visible(database) == [["\(first.runID)", "1"]])
            try await database.withSession(as: .runner) { session in
                try Publication(session).publish(runID: kept.runID, channel: "live")
            }
            #expect(try await visible(database) == [["\(kept.runID)", "1"]])
            #expect(try await pointer(database)[2] == "\(first.runID)")
            let record = try await database.rows(
                "select reason_code, published_at is not null from peerfolio.runs where run_id = \(kept.runID)")
            #expect(record == [[nil, "t"]])
            await expectRunError(.notPublishable, "published already") {
                try await database.withSession(as: .runner) { session in
                    try Publication(session).publish(runID: kept.runID, channel: "live")
                }
            }
        }
    }

    @Test func saysWhyARunCannotBePublished() async throws {
        try await TestServer.withMigratedDatabase { database in
            let swept = try await run(database)
            let other = try await run(database, channel: "test")
            let failed = try await database.withSession(as: .runner) { session in
                let lease = try RunLog(session).start(.test())
                try lease.writeOneRow(session)
                try RunLog(session).end(lease, because: .internalError, in: .read, message: "x", sqlState: nil)
                return lease
            }
            for _ in 1...4 { _ = try await run(database, slotCount: 4) }
            try await sweep(database)
            for (runID, code, words) in [
                (swept.runID, .notPublishable, "have been swept"),
                (other.runID, .notPublishable, "belongs to channel test"),
                (failed.runID, .notPublishable, "is failed"), (12345, .unknownRun, "no run 12345"),
            ] as [(Int64, RunError.Code, String)] {
                await expectRunError(code, words) {
                    try await database.withSession(as: .runner) { session in
                        try Publication(session).publish(runID: runID, channel: "live")
                    }
                }
            }
        }
    }

    @Test func channelsDoNotTouchEachOther() async throws {
        try await TestServer.withMigratedDatabase { database in
            let live = try await run(database)
            let test = try await run(database, channel: "test")
            #expect(try await visible(database) == [["\(live.runID)", "1"]])
            #expect(try await pointer(database, channel: "test") == ["\(test.runID)", "\(test.slot)", nil, nil])
            #expect(try await pointer(database)[0] == "\(live.runID)")
            #expect(live.slot != test.slot)
        }
    }

    @Test func saysWhenNoSlotIsFree() async throws {
        try await TestServer.withMigratedDatabase { database in
            for channel in ["live", "test"] {
                for _ in 1...2 { _ = try await run(database, channel: channel, slotCount: 4) }
            }
            await expectRunError(.noFreeSlot, "all 4 slots", "retention.slots", "migrate up") {
                _ = try await run(database)
            }
            // Nothing has been left behind by the refused start.
            #expect(try await database.value("select count(*) from peerfolio.runs") == "4")
            #expect(try await database.value("select term from peerfolio.publication where channel = 'live'") == "2")
        }
    }

    /// A slot is freed ahead of the next run, and never the one of the run that has just ended.
    @Test(arguments: [(3, ["1", "2", "3"]), (4, ["2", "3", "4"]), (5, ["1", "2", "3", "4"])])
    func aSlotIsFreeForTheNextRun(slotCount: Int, kept: [String]) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.withSession { _ = try $0.execute("select peerfolio.ensure_slots($1)", [.integer(5)]) }
            var last = try await run(database, slotCount: slotCount)
            for _ in 2..<(slotCount == 3 ? 3 : 4) { last = try await run(database, slotCount: slotCount) }
            // The last one waits for somebody to publish it.
            last = try await run(database, slotCount: slotCount, publishes: false)
            try await database.withSession(as: .runner) { [last] session in
                try RunLog(session).freeSlot(of: slotCount, after: last)
            }
            #expect(
                try await database.rows("select run_id from peerfolio.runs where slot is not null order by run_id")
                    == kept.map { [$0] })
            try await database.withSession(as: .runner) { [last] session in
                try Publication(session).publish(runID: last.runID, channel: "live")
            }
            #expect(try await visible(database) == [["\(last.runID)", "1"]])
        }
    }

    @Test func sweepsOnlyWhatHasNoRight() async throws {
        try await TestServer.withMigratedDatabase { database in
            let live = try await run(database)
            let connection = try await PostgresConnection.open(ConnectionSettings(conninfo: database.conninfo(.runner)))
            let running = try await connection.withSession { session in
                let lease = try RunLog(session).start(.test())
                try lease.writeOneRow(session)
                return lease
            }
            let failed = try await database.withSession(as: .runner) { session in
                let lease = try RunLog(session).start(.test(channel: "test"))
                try lease.writeOneRow(session)
                try RunLog(session).end(lease, because: .cancelled, in: .read, message: "x", sqlState: nil)
                return lease
            }
            // Rows of a run that lost its fence and its slot, and wrote on, beside rows of the live run.
            try await database.execute(
                """
                insert into peerfolio.run_lists values (\(live.slot), 0, 999, 0.5, 0, 1, 1, 1, 'S');
                insert into peerfolio.run_clients values (\(live.slot), 0, 999, 1);
                insert into peerfolio.recommendations values (\(live.slot), 1, 0, 999, 0.5, 0.5, null, 'B', 'P');
                insert into peerfolio.recommendations values (3, 1, 0, 3000000000, 0.5, 0.5, null, 'B', 'P');
                """)
            try await sweep(database)
            for table in ["recommendations", "run_clients", "run_lists"] {
                let left = try await database.rows("select run_id, slot from peerfolio.\(table) order by run_id")
                #expect(left == [live, running].map { ["\($0.runID)", "\($0.slot)"] }, "\(table)")
            }
            #expect(try await database.value("select slot from peerfolio.runs where run_id = \(failed.runID)") == nil)
            await connection.close()
        }
    }

    @Test func keepsAsManyRunsAsToldAndThoseWithRows() async throws {
        try await TestServer.withMigratedDatabase { database in
            var leases: [RunLease] = []
            for _ in 1...9 { leases.append(try await run(database)) }
            try await sweep(database, keeping: 6)
            let six = try await database.rows("select run_id from peerfolio.runs order by 1")
            #expect(six.map { $0[0] } == leases.suffix(6).map { "\($0.runID)" })
            // Four of them hold a slot, so two more are all that may go.
            try await sweep(database, keeping: 1)
            let four = try await database.rows("select run_id from peerfolio.runs order by 1")
            #expect(four.map { $0[0] } == leases.suffix(4).map { "\($0.runID)" })
            let products = try await database.value("select count(distinct run_id) from peerfolio.run_products")
            #expect(products == "4")
        }
    }

    /// The row of the run decides what a lost COMMIT has done.
    @Test func resolvesALostCommit() async throws {
        try await TestServer.withMigratedDatabase { database in
            let done = try await run(database)
            let pending = try await database.withSession(as: .runner) { session in
                let lease = try RunLog(session).start(.test())
                try lease.writeOneRow(session)
                try lease.verifyOneRow(session)
                return lease
            }
            let outcomes = try await database.withSession(as: .runner) { session in
                try [done, pending, pending].map { try Publication(session).resolve($0) }
            }
            #expect(outcomes == [.succeeded, .failed, .failed])
            #expect(
                try await database.value("select reason_code from peerfolio.runs where run_id = \(pending.runID)")
                    == "COMMIT_LOST")
            await expectRunError(.fenceLost) {
                try await database.withSession(as: .runner) { try Publication($0).publish(pending) }
            }
            #expect(try await visible(database) == [["\(done.runID)", "1"]])
        }
    }
}
