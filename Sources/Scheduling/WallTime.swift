/// A day of the Gregorian calendar.
public struct CivilDate: Sendable, Hashable, Comparable {
    /// The year.
    public let year: Int
    /// The month, 1...12.
    public let month: Int
    /// The day, 1...31.
    public let day: Int

    /// Creates a day that exists.
    public init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Days since 1970-01-01, by Howard Hinnant's `days_from_civil`: years begin in March, so that the leap day is last.
    public var dayNumber: Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The day with a number of days since 1970-01-01.
    public init(dayNumber: Int) {
        let shifted = dayNumber + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The day of the week, 0 for Sunday.
    public var dayOfWeek: Int {
        // 1970-01-01 was a Thursday.
        let number = (dayNumber + 4) % 7
        return number < 0 ? number + 7 : number
    }

    var next: CivilDate { CivilDate(dayNumber: dayNumber + 1) }

    var firstOfNextMonth: CivilDate {
        month == 12 ? CivilDate(year: year + 1, month: 1, day: 1) : CivilDate(year: year, month: month + 1, day: 1)
    }

    /// Whether a day is before another.
    public static func < (left: CivilDate, right: CivilDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}

/// What a clock on the wall shows, without its time zone.
public struct WallTime: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The day.
    public let date: CivilDate
    /// The hour, 0...23.
    public let hour: Int
    /// The minute, 0...59.
    public let minute: Int
    /// The second, 0...59.
    public let second: Int

    /// Creates a time that a clock can show.
    public init(date: CivilDate, hour: Int, minute: Int, second: Int = 0) {
        self.date = date
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// The time that is a number of seconds after 1970-01-01 00:00 on the same clock.
    public init(secondNumber: Int) {
        let days = (secondNumber >= 0 ? secondNumber : secondNumber - 86_399) / 86_400
        let rest = secondNumber - days * 86_400
        self.init(date: CivilDate(dayNumber: days), hour: rest / 3600, minute: rest / 60 % 60, second: rest % 60)
    }

    /// Seconds since 1970-01-01 00:00 on the same clock, as if every day had 24 hours.
    public var secondNumber: Int { date.dayNumber * 86_400 + hour * 3600 + minute * 60 + second }

    /// The days of a month in a leap year.
    static func longestMonth(_ month: Int) -> Int {
        switch month {
        case 2: 29
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Whether a clock shows a time before another.
    public static func < (left: WallTime, right: WallTime) -> Bool {
        (left.date, left.hour, left.minute, left.second) < (right.date, right.hour, right.minute, right.second)
    }

    /// ISO 8601 without a zone: `2026-03-29T02:30:00`.
    public var description: String {
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
            + "T\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
    }
}
