import Scheduling

/// A cron expression as sets of numbers: the slow reference, for expressions that are right.
struct NaiveCron {
    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let daysOfMonth: Set<Int>
    private let months: Set<Int>
    private let daysOfWeek: Set<Int>
    private let isEitherDayEnough: Bool

    init(_ text: String) {
        var fields = text.lowercased().split { $0 == " " || $0 == "\t" }
        if fields.count == 1 {
            let nicknames: [Substring: String] = [
                "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
                "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
            ]
            fields = nicknames[fields[0], default: ""].split(separator: " ")
        }
        minutes = Self.values(fields[0], 0...59)
        hours = Self.values(fields[1], 0...23)
        daysOfMonth = Self.values(fields[2], 1...31)
        months = Self.values(fields[3], 1...12)
        daysOfWeek = Set(Self.values(fields[4], 0...7).map { $0 % 7 })
        isEitherDayEnough = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
    }

    /// The values that are in one of the items: not before it begins, not after it ends, and whole steps on.
    private static func values(_ field: Substring, _ range: ClosedRange<Int>) -> Set<Int> {
        var values: Set<Int> = []
        for item in field.split(separator: ",") {
            let parts = item.split(separator: "/")
            let ends = parts[0].split(separator: "-")
            let isOpen = parts[0] == "*" || (ends.count == 1 && parts.count == 2)
            let first = parts[0] == "*" ? range.lowerBound : number(ends[0])
            let last = isOpen ? range.upperBound : number(ends[ends.count - 1])
            let step = parts.count == 2 ? number(parts[1]) : 1
            for value in range where first <= value && value <= last && (value - first) % step == 0 {
                values.insert(value)
            }
        }
        return values
    }

    private static func number(_ word: Substring) -> Int {
        let names: [Substring: Int] = [
            "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10,
            "nov": 11, "dec": 12, "sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6,
        ]
        return names[word] ?? Int(word) ?? -1
    }

    func isDue(_ date: CivilDate) -> Bool {
        guard months.contains(date.month) else { return false }
        let (isDay, isDayOfWeek) = (daysOfMonth.contains(date.day), daysOfWeek.contains(date.dayOfWeek))
        return isEitherDayEnough ? isDay || isDayOfWeek : isDay && isDayOfWeek
    }

    func matches(_ time: WallTime) -> Bool {
        minutes.contains(time.minute) && hours.contains(time.hour) && isDue(time.date)
    }

    /// Walks the days, and the minutes of days that are due, for fifty years.
    func next(notBefore time: WallTime) -> WallTime? {
        let today = time.date.dayNumber
        for day in today..<(today + 50 * 366) where isDue(CivilDate(dayNumber: day)) {
            for minute in 0..<1440 {
                let candidate = WallTime(secondNumber: (day * 1440 + minute) * 60)
                if candidate.secondNumber >= time.secondNumber && matches(candidate) { return candidate }
            }
        }
        return nil
    }
}
