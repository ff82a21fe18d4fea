import TestSupport
import Testing

@testable import Scheduling

extension WallTime {
    /// Reads what `description` writes.
    init(text: String) throws {
        let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
        try #require(numbers.count == 6)
        let date = CivilDate(year: numbers[0], month: numbers[1], day: numbers[2])
        self.init(date: date, hour: numbers[3], minute: numbers[4], second: numbers[5])
    }
}

@Suite("Days and times on the wall")
struct WallTimeTests {
    /// Counts every day, from Sunday, 1 January 1899.
    @Test func everyDayOfThreeCenturies() {
        var (dayNumber, dayOfWeek) = (-25_932, 0)
        var wrong: [CivilDate] = []
        var yesterday: CivilDate?
        for year in 1899...2200 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for (month, length) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
                for day in 1...length {
                    let date = CivilDate(year: year, month: month + 1, day: day)
                    var isRight = date.dayNumber == dayNumber && date.dayOfWeek == dayOfWeek
                    isRight = isRight && CivilDate(dayNumber: dayNumber) == date
                    if let yesterday { isRight = isRight && yesterday.next == date && yesterday < date }
                    if !isRight { wrong.append(date) }
                    yesterday = date
                    dayNumber += 1
                    dayOfWeek = (dayOfWeek + 1) % 7
                }
                let first = CivilDate(year: year, month: month + 1, day: 1)
                if first.firstOfNextMonth != CivilDate(dayNumber: dayNumber) { wrong.append(first) }
            }
        }
        #expect(wrong.isEmpty)
        #expect(dayNumber == CivilDate(year: 2201, month: 1, day: 1).dayNumber)
    }

    @Test(arguments: [
        (1970, 1, 1, 0, 4), (1969, 12, 31, -1, 3), (2000, 2, 29, 11_016, 2), (2000, 3, 1, 11_017, 3),
        (2026, 7, 4, 20_638, 6), (1, 1, 1, -719_162, 1), (0, 2, 29, -719_469, 2), (-400, 3, 1, -865_565, 3),
    ])
    func daysThatAreKnown(year: Int, month: Int, day: Int, dayNumber: Int, dayOfWeek: Int) {
        let date = CivilDate(year: year, month: month, day: day)
        #expect(date.dayNumber == dayNumber && date.dayOfWeek == dayOfWeek)
        #expect(CivilDate(dayNumber: dayNumber) == date)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00"), (-1, "1969-12-31T23:59:59"), (-86_400, "1969-12-31T00:00:00"),
        (-86_401, "1969-12-30T23:59:59"), (951_868_799, "2000-02-29T23:59:59"), (1_774_751_400, "2026-03-29T02:30:00"),
        (4_107_542_400, "2100-03-01T00:00:00"),
    ])
    func secondsAndTexts(secondNumber: Int, text: String) throws {
        let time = WallTime(secondNumber: secondNumber)
        #expect(time.description == text)
        #expect(time.secondNumber == secondNumber)
        #expect(try WallTime(text: text) == time)
    }

    @Test func yearsHaveFourDigits() {
        let time = WallTime(date: CivilDate(year: 812, month: 4, day: 2), hour: 5, minute: 6, second: 7)
        #expect(time.description == "0812-04-02T05:06:07")
    }

    /// Times have the order of their seconds, and lose nothing.
    @Test(arguments: 0..<10)
    func secondsAndBack(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var wrong: [Int] = []
        for _ in 0..<1000 {
            let number = Int.random(in: -5_000_000_000...8_000_000_000, using: &random)
            let other = number + (Bool.random(using: &random) ? 1 : Int.random(in: -90_000...90_000, using: &random))
            let (time, otherTime) = (WallTime(secondNumber: number), WallTime(secondNumber: other))
            let isInRange =
                (0...23).contains(time.hour) && (0...59).contains(time.minute) && (0...59).contains(time.second)
            let isOrdered = (time < otherTime) == (number < other) && (time == otherTime) == (number == other)
            if !isInRange || !isOrdered || time.secondNumber != number { wrong.append(number) }
        }
        #expect(wrong.isEmpty)
    }

    @Test func monthsInLeapYears() {
        #expect((1...12).map { WallTime.longestMonth($0) } == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    }
}
