/// A cron expression: the minutes at which something is due, by the clock on the wall.
///
/// Five fields, separated by blanks or tabs: minute (0-59), hour (0-23), day of month (1-31), month (1-12 or `jan`-`dec`)
/// and day of week (0-7 or `sun`-`sat`; 0 and 7 are Sunday). A field is a list of items, separated by commas: `*`, a
/// number or name, or a range such as `mon-fri`; a step such as `*/15` or `8-18/2` takes every so many of them, and
/// `30/10` goes on to the end of the field. `@hourly`, `@daily` (or `@midnight`), `@weekly`, `@monthly` and `@yearly`
/// (or `@annually`) stand for what they say.
///
/// Where both days are restricted, either is enough, as in Vixie's cron and POSIX: `0 6 1,15 * mon` is due on the 1st, on
/// the 15th, and on every Monday. A field that begins with `*` counts as unrestricted.
public struct CronExpression: Sendable, Hashable {
    /// The text that the expression was read from.
    public let text: String

    private let minutes: CronField
    private let hours: CronField
    private let daysOfMonth: CronField
    private let months: CronField
    private let daysOfWeek: CronField

    /// Reads an expression.
    ///
    /// - Throws: ``CronError`` that says which field is wrong and what it may be, or that the expression is never due,
    ///   such as `0 0 30 2 *`.
    public init(_ text: String) throws(CronError) {
        self.text = text
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        let fields: [String]
        if words.count == 1, let word = words.first, word.hasPrefix("@") {
            // In ASCII only: to Unicode, the sign for kelvin is a capital K.
            guard word.utf8.allSatisfy({ $0 < 0x80 }), let expansion = Self.nicknames[word.lowercased()] else {
                let names = Self.nicknames.keys.sorted().joined(separator: ", ")
                throw CronError("\(CronError.shown(word)) is unknown; use one of \(names) or five fields")
            }
            fields = expansion.split(separator: " ").map(String.init)
        } else {
            guard words.count == 5 else {
                throw CronError(
                    "an expression has five fields (minute, hour, day of month, month, day of week), found \(words.count)"
                )
            }
            fields = words
        }
        minutes = try CronField(fields[0], .minute)
        hours = try CronField(fields[1], .hour)
        daysOfMonth = try CronField(fields[2], .dayOfMonth)
        months = try CronField(fields[3], .month)
        daysOfWeek = try CronField(fields[4], .dayOfWeek)
        guard isEverDue else { throw CronError("the expression is never due: no such month has such a day") }
    }

    private static let nicknames = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// A day of the week alone is enough; otherwise some month must be long enough in some year.
    private var isEverDue: Bool {
        if daysOfWeek.isRestricted { return true }
        return (1...12).contains { month in
            months.contains(month) && (1...WallTime.longestMonth(month)).contains { daysOfMonth.contains($0) }
        }
    }

    /// Whether a minute on the wall is one at which something is due; seconds do not matter.
    public func matches(_ time: WallTime) -> Bool {
        minutes.contains(time.minute) && hours.contains(time.hour) && isDue(time.date)
    }

    private func isDue(_ date: CivilDate) -> Bool {
        guard months.contains(date.month) else { return false }
        let isDayOfMonth = daysOfMonth.contains(date.day)
        let isDayOfWeek = daysOfWeek.contains(date.dayOfWeek)
        return daysOfMonth.isRestricted && daysOfWeek.isRestricted
            ? isDayOfMonth || isDayOfWeek : isDayOfMonth && isDayOfWeek
    }

    /// The first due minute that is not before a time on the wall.
    ///
    /// - Complexity: A few steps a month, and a step a day in months that are allowed, for at most eight years: 29 February
    ///   comes so seldom. Forty when it must also be a Sunday (`0 0 29 2 */7`).
    public func next(notBefore time: WallTime) -> WallTime {
        var date = time.date
        var start: (hour: Int, minute: Int)? = (time.hour, time.minute)
        if time.second > 0 { start?.minute += 1 }
        while true {
            if !months.contains(date.month) {
                date = date.firstOfNextMonth
                start = nil
                continue
            }
            if isDue(date), let found = firstMinute(notBefore: start ?? (0, 0)) {
                return WallTime(date: date, hour: found.hour, minute: found.minute)
            }
            date = date.next
            start = nil
        }
    }

    private func firstMinute(notBefore start: (hour: Int, minute: Int)) -> (hour: Int, minute: Int)? {
        if hours.contains(start.hour), let minute = minutes.first(notBefore: start.minute) {
            return (start.hour, minute)
        }
        guard let hour = hours.first(notBefore: start.hour + 1), let minute = minutes.first(notBefore: 0) else {
            return nil
        }
        return (hour, minute)
    }
}

/// Why a cron expression or a time zone cannot be used, in words.
public struct CronError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what it may be.
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// The beginning of a text, on one line and with nothing that a terminal would obey.
    static func shown(_ text: String) -> String {
        let most = 60
        let isLong = text.unicodeScalars.count > most
        return text.unicodeScalars.prefix(most).reduce(into: "") { shown, scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: shown += scalar.escaped(asASCII: true)
            default: shown.unicodeScalars.append(scalar)
            }
        } + (isLong ? "…" : "")
    }
}
