import TestSupport
import Testing

@testable import Holdings
@testable import SourceReading

/// Periods of validity whose ends are the last day, or the first that is not valid any more, in every type of column.
@Suite(.requiresServer) struct ValidityTests {
    private static let days = ["2026-06-29", "2026-06-30", "2026-07-01"]

    /// How a version ends, by the type of the columns, and what follows it.
    private static let ends: [(type: String, last: String, next: String)] = [
        ("date", "'2026-06-30'", "'2026-07-01'"), ("timestamp", "'2026-06-30'", "'2026-07-01'"),
        ("timestamp", "'2026-06-30 23:59:59'", "'2026-07-01'"),
        ("timestamp", "'2026-06-30 23:59:59.999999'", "'2026-07-01'"),
        ("timestamptz", "'2026-06-30 23:59:59.999+00'", "'2026-07-01 00:00+00'"),
        ("integer", "20260630", "20260701"), ("numeric(8,0)", "20260630", "20260701"),
    ]

    private static func create(_ type: String, last: String, next: String, _ extra: String = "") -> String {
        let (first, never) =
            type.hasPrefix("int") || type.hasPrefix("num") ? ("20200101", "99991231") : ("'2020-01-01'", "'9999-12-31'")
        return """
            create table dwh.holdings (client_id bigint, product_id text, amount numeric, f \(type), t \(type));
            insert into dwh.holdings select i, p, 100, \(first), \(never) from generate_series(1, 30) i, (values ('A'), ('B')) v(p);
            insert into dwh.holdings select i, 'C', 100, \(first), \(last) from generate_series(1, 10) i;
            insert into dwh.holdings select i, 'C', 120, \(next), \(never) from generate_series(1, 10) i;
            \(extra)
            """
    }

    private static func read(_ database: TestDatabase, _ day: String, isInclusive: Bool) async throws -> SourceInput {
        try await database.read(
            .long(dating: .validity(from: "f", to: "t", isInclusive: isInclusive)), asOf: BusinessDate(day))
    }

    private static func sum(_ input: SourceInput) -> Double { input.holdings.amounts.reduce(0, +) }

    @Test(arguments: ends, ["", "create index on dwh.holdings (client_id)"])
    func inclusiveEndsAreFoundAndTaken(ends: (type: String, last: String, next: String), index: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.create(ends.type, last: ends.last, next: ends.next, index))
            for day in Self.days {
                let plain = try await Self.read(database, day, isInclusive: false)
                #expect(plain.finding(.inclusiveValidTo)?.occurrences == 10, "\(day)")
                let input = try await Self.read(database, day, isInclusive: true)
                #expect(input.finding(.inclusiveValidTo) == nil && input.finding(.exclusiveValidTo) == nil, "\(day)")
                #expect(input.holdings.pairCount == 70, "\(day)")
                #expect(Self.sum(input) == 7000 + (day == "2026-07-01" ? 200 : 0), "\(day)")
            }
            // Without the key, on the last day or on none, as before.
            let pairs = try await Self.read(database, "2026-06-30", isInclusive: false).holdings.pairCount
            #expect(pairs == 60)
        }
    }

    @Test(arguments: ["date", "timestamp", "timestamptz", "integer"])
    func exclusiveEndsAreFoundAndTaken(type: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            let day = type == "integer" ? "20260701" : "'2026-07-01 00:00+00'::\(type)"
            try await database.execute(Self.create(type, last: day, next: day))
            for day in Self.days {
                let input = try await Self.read(database, day, isInclusive: false)
                #expect(input.finding(.inclusiveValidTo) == nil && input.finding(.exclusiveValidTo) == nil)
                #expect(Self.sum(input) == 7000 + (day == "2026-07-01" ? 200 : 0), "\(day)")
                let inclusive = try await Self.read(database, day, isInclusive: true)
                #expect(inclusive.finding(.exclusiveValidTo)?.occurrences == 10, "\(day)")
            }
        }
    }

    /// Holdings that end and begin again now and then tell nothing.
    @Test func gapsTellNothing() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric, f date, t date);
                insert into dwh.holdings select i, 'A', 1, date '2026-01-01', date '2026-02-01' from generate_series(1, 30) i;
                insert into dwh.holdings select i, 'A', 1, date '2026-02-01' + i / 3, null from generate_series(1, 30) i;
                insert into dwh.holdings values (31, 'A', 1, null, null), (31, 'A', 1, 'infinity', '-infinity'),
                    (32, 'A', 1, date '5874897-12-31', date '5874897-12-31'), (32, 'A', 1, date '4713-01-01 BC', '0001-01-01 BC');
                """)
            for isInclusive in [false, true] {
                let input = try await Self.read(database, "2026-06-30", isInclusive: isInclusive)
                #expect(input.finding(.inclusiveValidTo) == nil && input.finding(.exclusiveValidTo) == nil)
                #expect(input.roster.clients.count == 31)
            }
        }
    }

    /// 0 and -1 are how star schemas write that a day is not known.
    @Test(arguments: ["integer", "bigint", "numeric"])
    func numbersThatAreNoDaysAreOpen(type: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric, f \(type), t \(type));
                insert into dwh.holdings values
                    (1, 'zero', 1, 0, 0), (1, 'minus one', 1, -1, -1), (1, 'null', 1, null, null), (1, 'never', 1, 20260101, 99999999),
                    (1, 'last', 1, 20260101, 99991231), (1, 'over', 1, 20260101, 20260630), (1, 'next', 1, 20260701, 99991231),
                    (1, 'no day', 1, 20260631, 0), (1, 'not yet', 1, 99999999, 0), (1, 'today', 1, 20260630, 20260701);
                """)
            let held = try await Self.read(database, "2026-06-30", isInclusive: false).productTexts
            #expect(held == ["last", "minus one", "never", "null", "today", "zero"])
            let inclusive = try await Self.read(database, "2026-06-30", isInclusive: true).productTexts
            #expect(inclusive == ["last", "minus one", "never", "null", "over", "today", "zero"])
        }
    }

    @Test(arguments: [("4711", "99999999", "valid_from"), ("20260101", "815", "valid_to")])
    func keysOfACalendarAreRefused(from: String, to: String, key: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric, f integer, t integer);
                insert into dwh.holdings values (1, 'A', 1, \(from), \(to)), (2, 'B', 1, null, -1);
                """)
            let error = await database.sourceError(try .long(dating: .validity(from: "f", to: "t")))
            #expect(error?.code == .type && error?.key == "holdings.\(key)")
        }
    }
}
