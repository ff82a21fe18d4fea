import Foundation
import Scheduling
import Testing

/// A run a day is one run each day, in every time zone there is.
@Suite("Every day of two years in every zone, and every change of the clocks")
struct EveryZoneTests {
    private static let times = [(0, 0), (0, 30), (1, 15), (2, 0), (2, 30), (3, 0), (12, 0), (23, 59)]

    @Test(arguments: TimeZone.knownTimeZoneIdentifiers)
    func noDayIsMissedOrDoubled(zoneName: String) throws {
        let firstDay = CivilDate(year: 2026, month: 1, day: 1).dayNumber
        let clock = try WallClock(zoneName: zoneName)
        #expect(try wrongTimes(on: firstDay..<(firstDay + 2 * 365), clock) == [])
    }

    /// The days about every change of the clocks from 2000 to 2037.
    @Test func noDayIsMissedOrDoubledAboutAnyChange() throws {
        let days = CivilDate(year: 2000, month: 1, day: 1).dayNumber..<CivilDate(year: 2038, month: 1, day: 1).dayNumber
        var changeCount = 0
        for zoneName in TimeZone.knownTimeZoneIdentifiers {
            let clock = try WallClock(zoneName: zoneName)
            var offset = clock.offset(at: days.lowerBound * 86_400)
            for day in days {
                let next = clock.offset(at: (day + 1) * 86_400)
                if next == offset { continue }
                offset = next
                changeCount += 1
                let wrong = try wrongTimes(on: day - 2..<day + 4, clock)
                if !wrong.isEmpty { Issue.record("\(zoneName): \(wrong)") }
            }
        }
        // As many as the time zones of Foundation know; a new version may know a few others.
        #expect(changeCount > 10_000)
    }

    /// The times that a schedule for them, every day, misses, or that it is due at twice.
    private func wrongTimes(on days: Range<Int>, _ clock: WallClock) throws -> [WallTime] {
        var wrong: [WallTime] = []
        for (hour, minute) in Self.times {
            let schedule = Schedule([try CronExpression("\(minute) \(hour) * * *")], clock: clock)
            // From noon before the first day's time, by a clock that may be half a day off, to the last day's.
            let first = days.lowerBound * 86_400 + hour * 3600 + minute * 60
            var last = first - 43_200 - clock.offset(at: first)
            var wasSkipped = false
            for day in days {
                let wanted = WallTime(date: CivilDate(dayNumber: day), hour: hour, minute: minute)
                // Where a whole day is skipped, it is due with the next.
                if wasSkipped && clock.time(at: last) == wanted { continue }
                let moment = try #require(schedule.next(after: last))
                if !isRight(moment, for: wanted, clock) || moment <= last { wrong.append(wanted) }
                wasSkipped = clock.time(at: moment) != wanted
                last = moment
            }
        }
        return wrong
    }

    /// Whether clocks show a time at a moment and not an equal shift before, or skip it at this very moment.
    private func isRight(_ moment: Int, for wanted: WallTime, _ clock: WallClock) -> Bool {
        let shown = moment + clock.offset(at: moment)
        guard shown == wanted.secondNumber else {
            let shownBefore = moment - 1 + clock.offset(at: moment - 1)
            return shownBefore < wanted.secondNumber && wanted.secondNumber < shown
        }
        let earlier = wanted.secondNumber - clock.offset(at: moment - 86_400)
        return earlier >= moment || earlier + clock.offset(at: earlier) != shown
    }
}
