import Scheduling
import TestSupport
import Testing

/// What is due when, against references that try every day and every minute.
@Suite("Schedules against the slow reference")
struct ScheduleReferenceTests {
    private static let zones = [
        "Europe/Lisbon", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe",
        "Asia/Kolkata", "Asia/Kathmandu", "Africa/Casablanca", "Asia/Tehran", "Pacific/Apia", "Pacific/Chatham",
        "America/St_Johns", "UTC",
    ]

    /// Eight times each zone, mostly about a day on which its clocks are changed.
    @Test(arguments: 0..<104)
    func nothingIsMissedOrDoubled(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let zoneName = Self.zones[seed % Self.zones.count]
        let day = try Self.interestingDay(zoneName: zoneName, using: &random)
        let naive = try NaiveClock(zoneName: zoneName, day: day)
        let clock = try WallClock(zoneName: zoneName)
        for (time, moment) in naive.minutes { #expect(clock.instant(of: time) == moment) }
        for _ in 0..<8 {
            let expression = try Self.expression(using: &random)
            let reference = NaiveCron(expression.text)
            var expected: [Int] = []
            for (time, moment) in naive.minutes {
                let isDue = reference.matches(time)
                if expression.matches(time) != isDue { Issue.record("\(expression.text) at \(time)") }
                if isDue && naive.span.contains(moment) && expected.last != moment { expected.append(moment) }
            }
            #expect(expected == Set(expected).sorted())

            let schedule = Schedule([expression], clock: clock)
            let explanation: Comment = "\(expression.text), \(zoneName), about \(CivilDate(dayNumber: day))"
            let (found, count) = schedule.moments(
                after: naive.span.lowerBound - 1, through: naive.span.upperBound - 1, limit: .max)
            #expect(found == expected && count == expected.count, explanation)
            for _ in 0..<20 {
                // Anywhere, or just at or beside a moment that is due.
                let anywhere = Int.random(in: naive.span, using: &random)
                let due = expected.randomElement(using: &random) ?? anywhere
                let beside = max(due + Int.random(in: -1...1, using: &random), naive.span.lowerBound)
                let start = Bool.random(using: &random) ? anywhere : beside
                let next = schedule.next(after: start)
                if let first = expected.first(where: { $0 > start }) {
                    #expect(next == first, explanation)
                } else {
                    #expect(try #require(next) >= naive.span.upperBound, explanation)
                }
            }
        }
    }

    /// Weeks, months or years until something is due.
    @Test(arguments: 0..<300)
    func theNextMinuteOnTheWallIsFound(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let expression = try Self.expression(using: &random)
        let reference = NaiveCron(expression.text)
        // 1960 to 2096.
        var start = WallTime(secondNumber: Int.random(in: -315_619_200..<4_000_000_000, using: &random))
        for _ in 0..<5 {
            let next = expression.next(notBefore: start)
            #expect(reference.next(notBefore: start) == next, "\(expression.text) from \(start)")
            start = WallTime(secondNumber: next.secondNumber + Int.random(in: 1...60, using: &random))
        }
    }

    private static func interestingDay(zoneName: String, using random: inout SeededGenerator) throws -> Int {
        // The day that Samoa skipped to be west of the date line.
        let skipped = CivilDate(year: 2011, month: 12, day: 30).dayNumber
        if zoneName == "Pacific/Apia" && Bool.random(using: &random) { return skipped }
        let year = Int.random(in: 2000...2037, using: &random)
        let changes = try NaiveClock.changes(zoneName: zoneName, year: year)
        return changes.randomElement(using: &random)
            ?? CivilDate(year: year, month: 1, day: 1).dayNumber + Int.random(in: 0..<365, using: &random)
    }

    /// An expression; those that are refused on the way are checked to be due on no day of four hundred years, after
    /// which the calendar repeats.
    private static func expression(using random: inout SeededGenerator) throws -> CronExpression {
        while true {
            let text = RandomExpression.text(using: &random)
            if let expression = try? CronExpression(text) { return expression }
            let reference = NaiveCron(text)
            #expect(!(0..<146_097).contains { reference.isDue(CivilDate(dayNumber: $0)) }, "\(text) was refused")
        }
    }
}
