import Postgres
import TestSupport
import Testing

@testable import Holdings
@testable import SourceReading

/// The rows that count are those of plain SQL that converts every value, whatever zone counts and whatever the session has
/// set.
@Suite(.requiresServer) struct DatingReferenceTests {
    private static let zones = [
        "UTC", "Europe/Moscow", "Europe/Lisbon", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Tehran",
        "Pacific/Auckland", "Pacific/Kiritimati",
    ]
    private static let settings = [
        "set datestyle = 'German, DMY'", "set datestyle = 'SQL, MDY'", "set datestyle = 'Postgres, DMY'",
        "set intervalstyle = 'sql_standard'", "set timezone = 'Pacific/Kiritimati'",
        "set timezone = 'America/Sao_Paulo'",
        "set extra_float_digits = 0",
    ]

    /// What a trial is about.
    private struct Trial {
        let zone: String
        let day: BusinessDate
        let type: String
        let windowMinutes: Int
        let isInclusive: Bool
        let setting: String

        init(_ random: inout SeededGenerator) throws {
            zone = DatingReferenceTests.zones.randomElement(using: &random) ?? ""
            // Clocks are changed in Sao Paulo at midnight, and elsewhere in these weeks.
            let days = ["2018-10-28", "2018-11-03", "2018-11-04", "2018-11-05"]
            day = try #require(BusinessDate(days.randomElement(using: &random) ?? ""))
            type = ["date", "timestamp", "timestamptz", "integer", "numeric"].randomElement(using: &random) ?? ""
            windowMinutes = [1, 60, 600, 1500].randomElement(using: &random) ?? 1
            isInclusive = Bool.random(using: &random)
            setting = DatingReferenceTests.settings.randomElement(using: &random) ?? ""
        }

        /// A moment as a value of the columns' type, in SQL.
        func value(_ moment: String) -> String {
            switch type {
            case "timestamptz": moment
            case "integer", "numeric": "to_char(\(moment) at time zone 'UTC', 'YYYYMMDD')::\(type)"
            default: "(\(moment) at time zone 'UTC')::\(type)"
            }
        }

        /// What clocks in the zone show, in SQL.
        func shown(_ column: String) -> String {
            switch type {
            case "timestamptz": "(\(column) at time zone '\(zone)')"
            case "integer", "numeric": "to_date(\(column)::text, 'YYYYMMDD')::timestamp"
            default: "\(column)::timestamp"
            }
        }

        /// The rows of the latest snapshot, with everything converted row by row.
        var latest: String {
            guard type.hasPrefix("timestamp") else {
                return "d = (select max(d) from dwh.holdings where \(shown("d"))::date <= '\(day)')"
            }
            let window = "interval '\(windowMinutes) minutes'"
            return """
                d > (select max(d) from loads) - \(window) and d <= (select max(d) from loads)
                """.replacing(
                    "loads",
                    with: """
                        (select d from dwh.holdings where \(shown("d"))::date <= '\(day)'
                         union all
                         select h.d from dwh.holdings h,
                             (select max(d) as d from dwh.holdings where \(shown("d"))::date <= '\(day)') as last
                         where h.d > last.d and h.d <= last.d + \(window)
                           and exists (select from dwh.holdings n where n.d > last.d and n.d <= last.d + \(window) / 12)) as loads
                        """)
        }

        var valid: String {
            let (begin, end) = ("\(shown("d"))::date", shown("t"))
            let lasts =
                isInclusive
                ? type.hasPrefix("timestamp")
                    ? "(\(end) + interval '1 second')::date > '\(day)' or \(end) = '\(day)'"
                    : "\(end)::date >= '\(day)'"
                : "\(end)::date > '\(day)'"
            return "(d is null or \(begin) <= '\(day)') and (t is null or \(lasts))"
        }
    }

    @Test(arguments: TestSeed.list(24))
    func readsWhatPlainSQLSays(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let trial = try Trial(&random)
        try await TestServer.withMigratedDatabase { database in
            // Around midnight of several days, to the second, so that ends and beginnings meet; some are NULL.
            let moment = """
                (timestamptz '2018-10-26 00:00+00' + (random() * 20)::integer * interval '12 hours'
                    + (random() * 300 - 150)::integer * interval '1 minute' + (random() * 2 - 1)::integer * interval '1 second')
                """
            func valueOrNull(_ share: Double) -> String {
                "case when random() >= \(share) then \(trial.value(moment)) end"
            }
            try await database.execute(
                """
                set timezone = 'UTC'; select setseed(\(Double(seed % 1000) / 1000));
                create table dwh.holdings (client_id bigint, product_id text, d \(trial.type), t \(trial.type));
                insert into dwh.holdings
                select i, 'P' || i % 7, \(valueOrNull(0.1)), \(valueOrNull(0.3)) from generate_series(1, 400) i;
                """)
            let (loads, periods) = try await database.withSession(as: .runner) { session in
                try session.executeScript(trial.setting)
                func read(_ dating: HoldingsMapping.Dating) throws -> [String] {
                    var mapping = try SourceMapping.long(amount: nil, dating: dating)
                    mapping.holdings.timeZone = trial.zone
                    let plan = try SourcePlan(mapping, asOf: trial.day, session: session)
                    return try SourceReader(plan, statementTimeout: .seconds(30), lockTimeout: .seconds(5))
                        .read(session).held
                }
                return (
                    try read(.snapshot(column: "d", window: .seconds(60 * trial.windowMinutes))),
                    try read(.validity(from: "d", to: "t", isInclusive: trial.isInclusive))
                )
            }
            func expected(_ condition: String) async throws -> [String?] {
                try await database.rows(
                    "select client_id || ' ' || product_id || ' 1.0' from dwh.holdings where \(condition) order by client_id"
                ).map { $0[0] }
            }
            #expect(try await loads == expected(trial.latest), "\(trial)")
            #expect(try await periods == expected(trial.valid), "\(trial)")
        }
    }
}
