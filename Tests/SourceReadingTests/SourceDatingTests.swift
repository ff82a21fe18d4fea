import Postgres
import TestSupport
import Testing

@testable import Holdings
@testable import SourceReading

/// Which rows count on which day.
@Suite(.requiresServer) struct SourceDatingTests {
    @Test(arguments: [
        ("date", "2026-06-29", "A"), ("date", "2026-06-30", "B"), ("date", "2026-07-14", "B"),
        ("date", "2026-07-15", "C"), ("date", "2026-01-01", ""),
        ("timestamp", "2026-06-29", "A"), ("timestamp", "2026-06-30", "B"), ("timestamp", "2026-07-15", "C"),
        ("timestamptz", "2026-06-30", "B"), ("timestamptz", "2026-07-14", "B"),
    ])
    func readsTheLatestSnapshot(type: String, asOf: String, product: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric, "As Of" \(type));
                insert into dwh.holdings values
                    (1, 'A', 1, '2026-05-31 00:00'), (1, 'B', 1, '2026-06-30 23:59:59'), (2, 'B', 1, '2026-06-30 00:00'),
                    (1, 'C', 1, '2026-07-15 12:00'), (1, 'X', 1, null);
                """)
            let input = try await database.read(.long(dating: .snapshot(column: "As Of")), asOf: BusinessDate(asOf))
            #expect(Set(input.productTexts) == (product.isEmpty ? [] : [product]))
            // Of dates both rows of that day; of times only those of the last load.
            let count = type == "date" ? 2 : 1
            #expect(input.roster.clients.count == (product == "B" ? count : product.isEmpty ? 0 : 1))
            #expect(input.snapshotDate == ["A": "2026-05-31", "B": "2026-06-30", "C": "2026-07-15"][product])
        }
    }

    @Test(arguments: ["date", "timestamp", "timestamptz"])
    func periodsAreHalfOpen(type: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric, f \(type), t \(type));
                insert into dwh.holdings values
                    (1, 'before', 1, '2026-01-01', '2026-06-30'), (1, 'last day', 1, '2026-01-01', '2026-07-01'),
                    (1, 'first day', 1, '2026-06-30', '2026-07-01'), (1, 'after', 1, '2026-07-01', null),
                    (1, 'open end', 1, '2026-01-01', null), (1, 'open start', 1, null, '2026-07-01'),
                    (1, 'always', 1, null, null), (1, 'over', 1, null, '2026-06-30');
                """)
            let input = try await database.read(.long(dating: .validity(from: "f", to: "t")))
            #expect(input.productTexts == ["always", "first day", "last day", "open end", "open start"])
        }
    }

    /// Of the server's clock, in the zone of the configuration, whoever asks.
    @Test(arguments: ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
    func todayIsADayOfTheZone(zone: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute("create table dwh.holdings (client_id bigint, product_id text, amount numeric)")
            for setting in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
                let (day, expected) = try await database.withSession(as: .runner) { session in
                    try session.executeScript("set timezone = '\(setting)'; set datestyle = 'German, DMY'")
                    var mapping = try SourceMapping.long()
                    mapping.holdings.timeZone = zone
                    let expected: String = try session.execute(
                        "select to_char(now() at time zone '\(zone)', 'YYYY-MM-DD')"
                    ).rows[0].get(at: 0)
                    return (try SourcePlan(mapping, asOf: nil, session: session).asOf, expected)
                }
                #expect("\(day)" == expected)
            }
        }
    }

    @Test func anotherDayOfHoldingsWithoutDatesIsNoticed() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                "create table dwh.holdings (client_id bigint, product_id text, amount numeric, day date)")
            func ignores(_ mapping: SourceMapping, _ day: String?) async throws -> Bool {
                let found = try await database.read(mapping, asOf: day.flatMap { BusinessDate($0) })
                return found.finding(.undatedSource)?.severity == .warning
            }
            func query(_ condition: String) throws -> SourceMapping {
                var mapping = try SourceMapping.long()
                mapping.holdings.source = .query("select client_id, product_id, amount from dwh.holdings\(condition)")
                return mapping
            }
            var snapshots = try SourceMapping.long()
            snapshots.holdings.dating = .snapshot(column: "day")
            #expect(try await ignores(.long(), "2020-01-31"))
            #expect(try await ignores(try query(" where ':as_of' <> ''"), "2020-01-31"))
            #expect(try await !ignores(try query(" where day <= :as_of"), "2020-01-31"))
            #expect(try await !ignores(snapshots, "2020-01-31"))
            #expect(try await !ignores(.long(), nil))
        }
    }

    @Test(arguments: ["2026-02-28", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"])
    func readsDates(text: String) {
        #expect(BusinessDate(text)?.description == text)
        #expect(BusinessDate(text)?.sqlLiteral == "DATE '\(text)'")
    }

    @Test(arguments: [
        "", "2026-2-28", "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-04-31",
        "0000-01-01",
        "2026/01/01", "2026-01-01 ", "+026-01-01", "2026-01-0a", "２026-01-01", "today", "20260101", "2026-01-011",
    ])
    func refusesWhatIsNoDate(text: String) {
        #expect(BusinessDate(text) == nil)
    }

    @Test func ordersDates() throws {
        let dates = try ["2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01"].map { try #require(BusinessDate($0)) }
        #expect(dates.shuffled().sorted() == dates)
    }
}
