import Holdings
import ResultStore
import TestSupport
import Testing

@testable import Configuration
@testable import Scoring

/// Runs and evaluations of holdings whose days are loads, periods or numbers.
@Suite(.requiresServer) struct SnapshotRunTests {
    private static let snapshots = "holdings: {relation: dwh.h, client: client_id, product: product_id, as_of: d"
    private static let periods =
        "holdings: {relation: dwh.h, client: client_id, product: product_id, valid_from: f, valid_to: t"

    /// Sixty clients with two or three of four products each, as they are loaded at a time in SQL.
    private static func load(_ time: String, where condition: String = "true") -> String {
        """
        insert into dwh.h select i, p, \(time) from generate_series(1, 60) i, (values ('A'), ('B'), ('C'), ('D')) v(p)
        where (i + ascii(p)) % 3 <> 0 and \(condition);
        """
    }

    private static func options(_ day: String, isForced: Bool = false) -> RunOptions {
        RunOptions(asOf: BusinessDate(day), isForced: isForced)
    }

    private static func holders(_ database: TestDatabase, of product: String = "C") async throws -> String? {
        try await database.value("select holders from peerfolio_bi.product_demand where product_id = '\(product)'")
    }

    /// The first run as any other: most of the load is older than the window.
    @Test func aLoadThatIsLongerThanTheWindowIsRefused() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.h (client_id bigint, product_id text, d timestamptz);
                \(Self.load("timestamptz '2026-06-30 01:00+00' + i * interval '3 minutes'"))
                """)
            let yaml = Self.snapshots + "}"
            let error = await #expect(throws: ScoringError.self) {
                try await database.run(yaml, options: Self.options("2026-06-30"))
            }
            #expect(error?.findings.map(\.code) == [.partialLoad])
            #expect(error?.message.contains("holdings.as_of_window") == true)
            let forced = try await database.run(yaml, options: Self.options("2026-06-30", isForced: true))
            #expect(forced.clients == 20)
            let whole = try await database.run(
                yaml, overrides: ["holdings.as_of_window=4h"], options: Self.options("2026-06-30"))
            #expect(whole.clients == 60 && whole.snapshotDate == "2026-06-30")
        }
    }

    /// Half of a load is found out on the first run, when there is nothing to compare with but the load before.
    @Test func aCutSnapshotIsNoticedOnTheFirstRun() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.h (client_id bigint, product_id text, d date);
                \(Self.load("'2026-06-29'")) \(Self.load("'2026-06-30'", where: "i <= 30"))
                """)
            let log = EventLog()
            try await database.run(Self.snapshots + "}", options: Self.options("2026-06-30")) { log.add($0) }
            let cut = try #require(log.findings.first { $0.code == .snapshotCut })
            #expect(cut.severity == .warning && cut.occurrences == 80)
            #expect(cut.message.contains("2026-06-30 has 80 rows of 30 clients, that of 2026-06-29 had 160 of 60"))
        }
    }

    /// The last day of a version is a day like any other, once the configuration says that it is one.
    @Test(arguments: [false, true])
    func inclusiveEndsLoseNobody(isInclusive: Bool) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.h (client_id bigint, product_id text, f date, t date);
                insert into dwh.h select i, p, date '2020-01-01', date '9999-12-31'
                from generate_series(1, 200) i, (values ('A'), ('B'), ('C'), ('D')) v(p)
                where (i + ascii(p)) % 3 <> 0 and not (i % 6 = 1 and p = 'C');
                insert into dwh.h select i, 'C', date '2020-01-01', date '2026-06-30' from generate_series(1, 200) i where i % 6 = 1;
                insert into dwh.h select i, 'C', date '2026-07-01', date '9999-12-31' from generate_series(1, 200) i where i % 6 = 1;
                """)
            let yaml = Self.periods + (isInclusive ? ", valid_to_inclusive: true}" : "}")
            var holders: [String?] = []
            for day in ["2026-06-29", "2026-06-30", "2026-07-01"] {
                let log = EventLog()
                try await database.run(yaml, options: Self.options(day)) { log.add($0) }
                holders.append(try await Self.holders(database))
                #expect(log.findings.map(\.code) == (isInclusive ? [] : [.inclusiveValidTo]), "\(day)")
            }
            #expect(holders == (isInclusive ? ["133", "133", "133"] : ["133", "99", "133"]))
        }
    }

    /// A day of an evaluation stands for the last load of it, whatever the type of the column.
    @Test(arguments: ["timestamp", "timestamptz", "integer"])
    func evaluationsReadTheLastLoadOfADay(type: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            func time(_ text: String) -> String {
                type == "integer" ? text.filter(\.isNumber).prefix(8).description : "timestamp '\(text)'"
            }
            // Who adds C in the evening of the last day has added it in the window; what they held in the morning does not count.
            let morning =
                type == "integer" ? "" : Self.load(time("2026-06-30 06:00"), where: "p = 'A'")
            try await database.execute(
                """
                create table dwh.h (client_id bigint, product_id text, d \(type));
                \(Self.load(time("2026-03-30 18:00"), where: "not (i <= 10 and p = 'C')"))
                \(morning) \(Self.load(time("2026-06-30 18:00")))
                """)
            let history = EvaluationOptions.History.dates(
                train: try #require(BusinessDate("2026-04-01")), test: try #require(BusinessDate("2026-06-30")),
                windows: 1)
            let report = try await Evaluator(
                try database.installation(Self.snapshots + "}"), options: .init(history: history, stores: false)
            ).evaluate()
            #expect(report.windows.map(\.train) == ["2026-03-30"] && report.windows.map(\.test) == ["2026-06-30"])
            #expect(report.figures.clients == 7 && report.figures.pairs == 7)
        }
    }
}
