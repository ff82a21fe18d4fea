import TestSupport
import Testing

@testable import Holdings
@testable import SourceReading

/// Which load counts where rows have times, what is known of the one before, and numbers that stand for days.
@Suite(.requiresServer) struct SnapshotTests {
    private static func read(
        _ database: TestDatabase, _ day: String = "2026-11-30", window: Duration = .seconds(3600), zone: String = "UTC"
    ) async throws -> SourceInput {
        var mapping = try SourceMapping.long(dating: .snapshot(column: "d", window: window))
        mapping.holdings.timeZone = zone
        return try await database.read(mapping, asOf: BusinessDate(day))
    }

    private static func create(_ type: String, _ rows: String) -> String {
        """
        create table dwh.holdings (client_id bigint, product_id text, amount numeric, d \(type));
        insert into dwh.holdings \(rows);
        """
    }

    /// A warehouse that is loaded twice a day: what was sold in between is not held any more.
    @Test(arguments: ["timestamp", "timestamptz"])
    func theLatestOfTwoLoadsOnADayCounts(type: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                Self.create(
                    type,
                    """
                    select i, p, 100, ts from generate_series(1, 60) i, (values ('A'), ('B'), ('C'), ('D')) v(p),
                        (values (timestamp '2026-11-27 06:00'), (timestamp '2026-11-27 18:00')) x(ts)
                    where (i + ascii(p)) % 3 <> 0 and not (i <= 10 and p = 'C' and ts = '2026-11-27 18:00')
                    """))
            let input = try await Self.read(database)
            #expect(input.held.count { $0.contains(" C ") } == 33)
            #expect(input.held.allSatisfy { $0.hasSuffix(" 100.0") })
            #expect(input.finding(.duplicateHolding) == nil)
            let snapshot = try #require(input.snapshot)
            #expect(snapshot.date == "2026-11-27")
            #expect(snapshot.size == .init(name: "2026-11-27 18:00", rows: 153, clients: 60))
            #expect(snapshot.previous == .init(name: "2026-11-27 06:00", rows: 160, clients: 60))
            #expect(snapshot.wholeDay == .init(clients: 60, clientsMissing: 0, pairs: 160, pairsMissing: 7))
            #expect(!snapshot.hasSeveralTimes && !snapshot.isCutByWindow)

            // As one load, they are summed, and that is noticed.
            let both = try await Self.read(database, window: .seconds(13 * 3600))
            #expect(both.held.contains("2 A 200.0"))
            #expect(both.finding(.severalLoads)?.severity == .warning)
            #expect(both.snapshot?.wholeDay == nil)
        }
    }

    /// On both days: the load that ends after midnight is the last of the day on which it began.
    @Test(arguments: ["2026-11-28", "2026-11-29", "2026-11-30"])
    func aLoadOverMidnightIsOne(day: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                Self.create(
                    "timestamptz",
                    """
                    select c, p, 100, timestamptz '2026-11-28 23:59:50+00' + c * interval '4 seconds'
                    from generate_series(1, 6) c, (values ('A'), ('B')) v(p)
                    """))
            let input = try await Self.read(database, day)
            #expect(input.roster.clients.count == 6)
            #expect(input.snapshot?.date == "2026-11-29")
            #expect(input.snapshot?.previous == nil && input.snapshot?.wholeDay == nil)
            // To clocks ahead of UTC both halves are of one day.
            #expect(
                try await Self.read(database, day, zone: "Asia/Tokyo").roster.clients.count
                    == (day < "2026-11-29" ? 0 : 6))
        }
    }

    /// Two loads that lie around midnight, but not close to each other, are two.
    @Test func loadsOnBothSidesOfMidnightAreTwo() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                Self.create(
                    "timestamp",
                    "values (1, 'A', 1, timestamp '2026-11-28 23:58'), (2, 'B', 1, '2026-11-29 00:20')"))
            #expect(try await Self.read(database, "2026-11-28").held == ["1 A 1.0"])
            #expect(try await Self.read(database, "2026-11-29", window: .seconds(60)).held == ["2 B 1.0"])
        }
    }

    /// Loads every hour on the hour do not meet; a row within the window by a microsecond belongs to the load.
    @Test(arguments: ["timestamp", "timestamptz"])
    func theWindowIsHalfOpen(type: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                Self.create(
                    type,
                    """
                    values (1, 'A', 1, timestamp '2026-11-30 17:00'), (2, 'B', 1, '2026-11-30 17:00:00.000001'),
                           (3, 'C', 1, '2026-11-30 18:00'), (4, 'D', 1, 'infinity'), (5, 'E', 1, '-infinity'),
                           (6, 'F', 1, null), (7, 'G', 1, '2026-12-01 00:00')
                    """))
            let input = try await Self.read(database)
            #expect(input.productTexts == ["B", "C"])
            #expect(input.snapshot?.isCutByWindow == true)
            #expect(try await Self.read(database, "2026-12-01").productTexts == ["G"])
            #expect(try await Self.read(database, "2026-11-29").snapshot == nil)
        }
    }

    /// The tail of a load that takes longer than the window, also over midnight.
    @Test(arguments: ["2026-11-30 02:00", "2026-11-29 21:30"])
    func aLoadThatIsLongerThanTheWindowIsNoticed(begin: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                Self.create(
                    "timestamp",
                    """
                    select c, p, 1, timestamp '\(begin)' + c * interval '1 minute'
                    from generate_series(1, 180) c, (values ('A'), ('B')) v(p)
                    """))
            let input = try await Self.read(database)
            #expect(input.snapshot?.size.clients == 60)
            #expect(
                input.snapshot?.wholeDay == .init(clients: 180, clientsMissing: 120, pairs: 360, pairsMissing: 240))
            #expect(input.snapshot?.isCutByWindow == true)
            let whole = try await Self.read(database, window: .seconds(4 * 3600))
            #expect(whole.snapshot?.size.clients == 180)
            #expect(whole.snapshot?.wholeDay == nil && whole.snapshot?.isCutByWindow == false)
        }
    }

    @Test(arguments: ["date", "timestamp", "integer", "bigint", "numeric(8,0)"])
    func theSnapshotBeforeIsMeasured(type: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            func day(_ text: String) -> String {
                type == "date" || type == "timestamp" ? "'\(text)'::\(type)" : text.filter { $0 != "-" }
            }
            try await database.execute(
                Self.create(
                    type,
                    """
                    select c, p, 1, d from generate_series(1, 10) c, (values ('A'), ('B'), (null)) v(p),
                        (values (\(day("2026-10-31")), 10), (\(day("2026-11-27")), 8), (\(day("2026-11-28")), 3)) x(d, size)
                    where c <= size
                    """))
            let input = try await Self.read(database)
            let suffix = type == "timestamp" ? " 00:00" : ""
            #expect(input.snapshot?.size == .init(name: "2026-11-28" + suffix, rows: 6, clients: 3))
            #expect(input.snapshot?.previous == .init(name: "2026-11-27" + suffix, rows: 16, clients: 8))
            #expect(try await Self.read(database, "2026-11-27").snapshot?.previous?.clients == 10)
            #expect(try await Self.read(database, "2026-10-31").snapshot?.previous == nil)
            #expect(try await Self.read(database, "2026-10-30").snapshot == nil)
        }
    }

    @Test func aRowForEachClientIsMeasuredToo() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.wide (client_id text, a integer, b integer, d timestamp);
                insert into dwh.wide select 'c' || c, 1, nullif(c, 3), t
                from generate_series(1, 9) c, (values (timestamp '2026-11-30 02:00'), ('2026-11-30 20:00')) x(t)
                where c < 4 or t < '2026-11-30 20:00';
                """)
            let input = try await database.read(
                .wide("a", "b", dating: .snapshot(column: "d")), asOf: BusinessDate("2026-11-30"))
            #expect(input.snapshot?.size == .init(name: "2026-11-30 20:00", rows: 3, clients: 3))
            #expect(input.snapshot?.previous == .init(name: "2026-11-30 02:00", rows: 9, clients: 9))
            #expect(input.snapshot?.wholeDay == .init(clients: 9, clientsMissing: 6, pairs: 9, pairsMissing: 6))
        }
    }

    /// What is no day never counts and never fails, whatever a calendar uses it for.
    @Test(arguments: ["integer", "bigint", "numeric(8,0)", "numeric"])
    func numbersStandForDays(type: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                Self.create(
                    type,
                    """
                    values (1, 'A', 1, 20260930::\(type)), (2, 'B', 1, 20261031), (3, 'C', 1, 0), (4, 'D', 1, -1),
                        (5, 'E', 1, 99999999), (6, 'F', 1, 20261131), (7, 'G', 1, 20261100), (8, 'H', 1, null),
                        (9, 'I', 1, 20260229), (10, 'J', 1, 20240229), (11, 'K', 1, 19000229), (12, 'L', 1, 202611),
                        (13, 'M', 1, 20260001), (14, 'N', 1, 20001301)
                    """))
            func found(_ day: String) async throws -> [String] { try await Self.read(database, day).productTexts }
            #expect(try await found("2026-11-30") == ["B"])
            #expect(try await found("2026-10-30") == ["A"])
            #expect(try await found("2026-03-01") == ["J"])
            #expect(try await found("2024-02-28") == [])
            #expect(try await Self.read(database, "2026-11-30").snapshotDate == "2026-10-31")
        }
    }

    @Test(arguments: ["202611", "4711", "1764460800", "0"])
    func numbersThatAreNoDaysAreRefused(number: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.create("bigint", "values (1, 'A', 1, \(number)), (2, 'B', 1, null)"))
            let error = await database.sourceError(try .long(dating: .snapshot(column: "d")))
            #expect(error?.code == .type && error?.key == "holdings.as_of")
            #expect(error?.message.contains("holdings.query") == true)
        }
    }
}
