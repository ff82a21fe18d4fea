import Scheduling
import Testing

/// The rules, as a table to read: times in UTC of what is due by the clocks of a zone.
@Suite("What is due when")
struct ScheduleTests {
    /// A schedule and its first moments.
    struct Case: CustomTestStringConvertible {
        let expressions: [String]
        let zoneName: String
        let start: String
        let moments: [String]

        init(_ expressions: String..., zone: String, after start: String, are moments: [String]) {
            self.expressions = expressions
            self.zoneName = zone
            self.start = start
            self.moments = moments
        }

        var testDescription: String { "\(expressions) in \(zoneName) after \(start)" }
    }

    private static let clocksSetForward = [
        // 01:00 becomes 02:00 in Lisbon, at 01:00 UTC.
        Case(
            "30 1 * * *", zone: "Europe/Lisbon", after: "2026-03-27 12:00",
            are: ["2026-03-28 01:30", "2026-03-29 01:00", "2026-03-30 00:30"]),
        // 02:00 becomes 03:00 in Berlin, at the same moment.
        Case(
            "30 2 * * *", zone: "Europe/Berlin", after: "2026-03-27 12:00",
            are: ["2026-03-28 01:30", "2026-03-29 01:00", "2026-03-30 00:30"]),
        // What is skipped is due once, and not again with what is due right then.
        Case(
            "*/20 2-3 * * *", zone: "Europe/Berlin", after: "2026-03-28 12:00",
            are: ["2026-03-29 01:00", "2026-03-29 01:20", "2026-03-29 01:40", "2026-03-30 00:00"]),
        Case(
            "0 * * * *", zone: "Europe/Berlin", after: "2026-03-28 23:30",
            are: ["2026-03-29 00:00", "2026-03-29 01:00", "2026-03-29 02:00"]),
        // After the gap, what it skipped is past.
        Case("30 2 * * *", zone: "Europe/Berlin", after: "2026-03-29 01:00", are: ["2026-03-30 00:30"]),
        Case(
            "30 2 * * *", zone: "America/New_York", after: "2026-03-07 12:00",
            are: ["2026-03-08 07:00", "2026-03-09 06:30"]),
        // Half an hour: 02:00 becomes 02:30.
        Case(
            "15 2 * * *", zone: "Australia/Lord_Howe", after: "2026-10-02 00:00",
            are: ["2026-10-02 15:45", "2026-10-03 15:30", "2026-10-04 15:15"]),
        // A whole day: Samoa had no 30 December 2011.
        Case(
            "0 9 * * *", zone: "Pacific/Apia", after: "2011-12-29 00:00",
            are: ["2011-12-29 19:00", "2011-12-30 10:00", "2011-12-30 19:00"]),
    ]

    private static let clocksSetBack = [
        // 02:00 becomes 01:00 in Lisbon, at 01:00 UTC.
        Case(
            "30 1 * * *", zone: "Europe/Lisbon", after: "2026-10-24 12:00",
            are: ["2026-10-25 00:30", "2026-10-26 01:30"]),
        Case(
            "30 2 * * *", zone: "Europe/Berlin", after: "2026-10-24 12:00",
            are: ["2026-10-25 00:30", "2026-10-26 01:30"]),
        // The hour comes twice, at 00:00 and 01:00 UTC, and is due once.
        Case(
            "0 * * * *", zone: "Europe/Berlin", after: "2026-10-24 22:30",
            are: ["2026-10-24 23:00", "2026-10-25 00:00", "2026-10-25 02:00"]),
        Case("*/30 * * * *", zone: "Europe/Berlin", after: "2026-10-25 00:30", are: ["2026-10-25 02:00"]),
        // From within the hour that comes again.
        Case("*/30 2 * * *", zone: "Europe/Berlin", after: "2026-10-25 01:15", are: ["2026-10-26 01:00"]),
        Case(
            "30 1 * * *", zone: "America/New_York", after: "2026-10-31 12:00",
            are: ["2026-11-01 05:30", "2026-11-02 06:30"]),
        // Half an hour: 02:00 becomes 01:30.
        Case(
            "45 1 * * *", zone: "Australia/Lord_Howe", after: "2026-04-04 00:00",
            are: ["2026-04-04 14:45", "2026-04-05 15:15"]),
        // Midnight becomes 23:00: the new day begins once, at the second midnight.
        Case(
            "@daily", zone: "America/Sao_Paulo", after: "2018-02-17 00:00",
            are: ["2018-02-17 02:00", "2018-02-18 03:00", "2018-02-19 03:00"]),
    ]

    private static let ordinaryDays = [
        Case("* * * * *", zone: "UTC", after: "2026-07-01 12:00", are: ["2026-07-01 12:01", "2026-07-01 12:02"]),
        Case(
            "0 6 * * mon-fri", zone: "Europe/Lisbon", after: "2026-07-02 12:00",
            are: ["2026-07-03 05:00", "2026-07-06 05:00"]),
        Case(
            "0 6 1,15 * mon", zone: "Asia/Kolkata", after: "2026-07-01 00:00",
            are: ["2026-07-01 00:30", "2026-07-06 00:30", "2026-07-13 00:30", "2026-07-15 00:30"]),
        Case("0 12 31 * *", zone: "UTC", after: "2026-01-31 12:00", are: ["2026-03-31 12:00", "2026-05-31 12:00"]),
        Case("0 0 29 2 *", zone: "UTC", after: "2092-03-01 00:00", are: ["2096-02-29 00:00", "2104-02-29 00:00"]),
        // Several expressions: in the order of time, and once what several say.
        Case(
            "0 6 * * *", "0 18 * * fri", "0 */6 * * *", "0 6 3 7 *", zone: "UTC", after: "2026-07-03 00:00",
            are: ["2026-07-03 06:00", "2026-07-03 12:00", "2026-07-03 18:00", "2026-07-04 00:00"]),
        Case(
            "45 2 * * *", "15 2 * * *", "0 3 * * *", zone: "Europe/Berlin", after: "2026-03-29 00:00",
            are: ["2026-03-29 01:00", "2026-03-30 00:15", "2026-03-30 00:45", "2026-03-30 01:00"]),
        Case(zone: "UTC", after: "2026-07-01 12:00", are: []),
    ]

    @Test(arguments: clocksSetForward + clocksSetBack + ordinaryDays)
    func firstMoments(_ row: Case) throws {
        let schedule = Schedule(
            try row.expressions.map { try CronExpression($0) }, clock: try WallClock(zoneName: row.zoneName))
        var found: [String] = []
        var moment = try instant(row.start)
        for _ in row.moments {
            moment = try #require(schedule.next(after: moment))
            found.append(text(moment))
        }
        #expect(found == row.moments)
    }

    @Test func nothingIsDueWithoutExpressions() throws {
        let schedule = Schedule([], clock: try WallClock(zoneName: "UTC"))
        #expect(schedule.next(after: 0) == nil)
        let (moments, count) = schedule.moments(after: 0, through: .max, limit: 10)
        #expect(moments.isEmpty && count == 0)
    }

    /// The last moments, and how many there are in all; the first end is outside, the last inside.
    @Test(arguments: [
        ("2026-07-01 00:00", "2026-07-01 06:00", 10, 6, ["01:00", "02:00", "03:00", "04:00", "05:00", "06:00"]),
        ("2026-07-01 00:00", "2026-07-01 06:00", 6, 6, ["01:00", "02:00", "03:00", "04:00", "05:00", "06:00"]),
        ("2026-07-01 00:00", "2026-07-01 05:59", 2, 5, ["04:00", "05:00"]),
        ("2026-06-30 00:00", "2026-07-01 06:00", 1, 30, ["06:00"]),
        ("2026-07-01 00:00", "2026-07-01 00:59", 3, 0, []),
        ("2026-07-01 01:00", "2026-07-01 01:00", 3, 0, []),
        ("2026-07-01 02:00", "2026-07-01 01:00", 3, 0, []),
    ])
    func momentsInATime(after start: String, through last: String, limit: Int, count: Int, times: [String]) throws {
        let schedule = Schedule([try CronExpression("@hourly")], clock: try WallClock(zoneName: "UTC"))
        let found = schedule.moments(after: try instant(start), through: try instant(last), limit: limit)
        #expect(found.count == count)
        #expect(found.moments.map { text($0) } == times.map { "2026-07-01 \($0)" })
    }

    private func instant(_ utc: String) throws -> Int { try WallTime(text: "\(utc):00").secondNumber }

    private func text(_ instant: Int) -> String {
        let text = WallTime(secondNumber: instant).description
        return text.replacing("T", with: " ").replacing(/:00$/, with: "")
    }
}
