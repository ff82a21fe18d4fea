import TestSupport
import Testing

@testable import ResultStore

/// Who acts for a channel, and from when on a schedule holds.
@Suite(.requiresServer) struct SchedulerLeaseTests {
    private static func daemon(_ name: String, channel: String = "live", lease: Duration = .seconds(3600))
        -> SchedulerLease
    {
        SchedulerLease(
            channel: channel, holder: name, host: "host-\(name)", processID: 7, programVersion: "1", duration: lease)
    }

    /// Whom the lease belongs to after a daemon has asked for it, and since when the schedule holds.
    private static func ask(
        _ daemon: SchedulerLease, schedule: String = "@daily", _ database: TestDatabase
    ) async throws -> (other: String?, since: Int?) {
        try await database.withSession(as: .runner) { session in
            switch try Schedulers(session).acquire(daemon, schedule: schedule, nextMoment: 3600) {
            case .held(let since): (nil, since)
            case .heldByOther(let host, let process): ("\(host) \(process)", nil)
            }
        }
    }

    private static func age(_ database: TestDatabase, by interval: String) async throws {
        try await database.execute(
            """
            update peerfolio.schedulers set renewed_at = renewed_at - interval '\(interval)',
                acquired_at = acquired_at - interval '\(interval)', scheduled_since = scheduled_since - interval '\(interval)'
            """)
    }

    @Test func oneHoldsItUntilItIsSilentForItsLease() async throws {
        try await TestServer.withMigratedDatabase { database in
            let row = "select holder, term, host, extract(epoch from next_run_at)::int from peerfolio.schedulers"
            #expect(try await Self.ask(Self.daemon("a"), database).other == nil)
            #expect(try await Self.ask(Self.daemon("b"), database).other == "host-a 7")
            #expect(try await database.rows(row) == [["a", "1", "host-a", "3600"]])
            // It is the holder's own lease that counts, not that of whoever would like to have it.
            try await Self.age(database, by: "40 minutes")
            #expect(try await Self.ask(Self.daemon("b", lease: .seconds(60)), database).other == "host-a 7")
            // A sign of life, and the same silence is none again.
            #expect(try await Self.ask(Self.daemon("a"), database).other == nil)
            try await Self.age(database, by: "40 minutes")
            #expect(try await Self.ask(Self.daemon("b"), database).other == "host-a 7")
            try await Self.age(database, by: "21 minutes")
            #expect(try await Self.ask(Self.daemon("b"), database).other == nil)
            #expect(try await database.rows(row) == [["b", "2", "host-b", "3600"]])
            #expect(try await Self.ask(Self.daemon("a"), database).other == "host-b 7")
            // Another channel is another lease.
            #expect(try await Self.ask(Self.daemon("a", channel: "other"), database).other == nil)
        }
    }

    @Test func whoGivesItUpGivesUpTheirOwn() async throws {
        try await TestServer.withMigratedDatabase { database in
            _ = try await Self.ask(Self.daemon("a"), database)
            try await database.withSession(as: .runner) { try Schedulers($0).release(Self.daemon("b")) }
            try await database.withSession(as: .runner) {
                try Schedulers($0).release(Self.daemon("a", channel: "other"))
            }
            #expect(try await Self.ask(Self.daemon("b"), database).other == "host-a 7")
            try await database.withSession(as: .runner) { try Schedulers($0).release(Self.daemon("a")) }
            #expect(try await Self.ask(Self.daemon("b"), database).other == nil)
        }
    }

    /// The schedule's moments before it was written down are not made up for; those that another daemon missed are.
    @Test func aScheduleHoldsSinceItWasWritten() async throws {
        try await TestServer.withMigratedDatabase { database in
            let first = try #require(try await Self.ask(Self.daemon("a"), database).since)
            try await Self.age(database, by: "1 hour")
            #expect(try await Self.ask(Self.daemon("b"), database).since == first - 3600)
            #expect(try await Self.ask(Self.daemon("b"), database).since == first - 3600)
            let changed = try #require(try await Self.ask(Self.daemon("b"), schedule: "@hourly", database).since)
            #expect(changed >= first)
        }
    }
}
