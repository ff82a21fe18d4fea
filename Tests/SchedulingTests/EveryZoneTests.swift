import Foundation
import Scheduling
import Testing

/// A run a day is one run each day, in every time zone there is.
@Suite("Every day of two years in every zone")
struct EveryZoneTests {
    private static let times = [(0, 0), (0, 30), (1, 15), (2, 0), (2, 30), (3, 0), (12, 0), (23, 59)]

    @Test(arguments: TimeZone.knownTimeZoneIdentifiers)
    func noDayIsMissedOrDoubled(zoneName: String) throws {
        let clock = try WallClock(zoneName: zoneName)
        let firstDay = CivilDate(year: 2026, month: 1, day: 1).dayNumber
        let days = firstDay..<(firstDay + 2 * 365)
        var wrong: [WallTime] = []
        for (hour, minute) in Self.times {
            let schedule = Schedule([try CronExpression("\(minute) \(hour) * * *")], clock: clock)
            // From noon before the first day's time, by a clock that may be half a day off, to the last day's.
            let first = days.lowerBound * 86_400 + hour * 3600 + minute * 60
            var last = first - 43_200 - clock.offset(at: first)
            for day in days {
                let wanted = WallTime(date: CivilDate(dayNumber: day), hour: hour, minute: minute)
                let moment = try #require(schedule.next(after: last))
                if !isRight(moment, for: wanted, clock) || moment <= last { wrong.append(wanted) }
                last = moment
            }
        }
        #expect(wrong.isEmpty)
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
