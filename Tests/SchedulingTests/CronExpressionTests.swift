import Scheduling
import TestSupport
import Testing

@Suite("Reading cron expressions")
struct CronExpressionTests {
    /// 2026-03-01, a Sunday.
    private static let sunday = CivilDate(year: 2026, month: 3, day: 1)

    @Test(arguments: [
        ("*", Array(0...59)), ("5", [5]), ("05", [5]), ("0,59", [0, 59]), ("5,3,5", [3, 5]), ("50-52", [50, 51, 52]),
        ("7-7", [7]), ("*/15", [0, 15, 30, 45]), ("*/1", Array(0...59)), ("*/59", [0, 59]), ("*/60", [0]),
        ("*/999999999", [0]), ("30/10", [30, 40, 50]), ("59/1", [59]), ("10-30/7", [10, 17, 24]), ("10-30/64", [10]),
        ("1-3,10-20/5,59", [1, 2, 3, 10, 15, 20, 59]), ("58,*/20", [0, 20, 40, 58]),
    ])
    func minutes(field: String, values: [Int]) throws {
        let expression = try CronExpression("\(field) * * * *")
        #expect((0...59).filter { expression.matches(WallTime(date: Self.sunday, hour: 7, minute: $0)) } == values)
    }

    @Test(arguments: [
        ("*", Array(0...23)), ("0", [0]), ("23", [23]), ("8-18/2", [8, 10, 12, 14, 16, 18]), ("20/3", [20, 23]),
        ("*/6", [0, 6, 12, 18]), ("0-2,22-23", [0, 1, 2, 22, 23]),
    ])
    func hours(field: String, values: [Int]) throws {
        let expression = try CronExpression("30 \(field) * * *")
        #expect((0...23).filter { expression.matches(WallTime(date: Self.sunday, hour: $0, minute: 30)) } == values)
        #expect(!(0...23).contains { expression.matches(WallTime(date: Self.sunday, hour: $0, minute: 31)) })
    }

    @Test(arguments: [
        ("*", Array(1...31)), ("1", [1]), ("31", [31]), ("28-31", [28, 29, 30, 31]), ("*/10", [1, 11, 21, 31]),
        ("*/2", Array(stride(from: 1, through: 31, by: 2))), ("25/3", [25, 28, 31]), ("1,15", [1, 15]),
    ])
    func daysOfMonth(field: String, values: [Int]) throws {
        let expression = try CronExpression("0 0 \(field) * *")
        let days = (1...31).filter {
            expression.matches(WallTime(date: CivilDate(year: 2026, month: 3, day: $0), hour: 0, minute: 0))
        }
        #expect(days == values)
    }

    @Test(arguments: [
        ("*", Array(1...12)), ("1", [1]), ("12", [12]), ("jan", [1]), ("FEB", [2]), ("Mar", [3]), ("aPr", [4]),
        ("may", [5]), ("jun", [6]), ("jul", [7]), ("aug", [8]), ("sep", [9]), ("oct", [10]), ("nov", [11]),
        ("dec", [12]), ("mar-MAY", [3, 4, 5]), ("jan-12/4", [1, 5, 9]), ("sep/2", [9, 11]), ("*/3", [1, 4, 7, 10]),
        ("feb,4,Jun-7", [2, 4, 6, 7]),
    ])
    func months(field: String, values: [Int]) throws {
        let expression = try CronExpression("0 0 1 \(field) *")
        let months = (1...12).filter {
            expression.matches(WallTime(date: CivilDate(year: 2026, month: $0, day: 1), hour: 0, minute: 0))
        }
        #expect(months == values)
    }

    @Test(arguments: [
        ("*", Array(0...6)), ("0", [0]), ("7", [0]), ("0,7", [0]), ("6", [6]), ("sun", [0]), ("MON", [1]),
        ("Tue", [2]), ("wEd", [3]), ("thu", [4]), ("fri", [5]), ("sat", [6]), ("mon-fri", [1, 2, 3, 4, 5]),
        ("MON-5", [1, 2, 3, 4, 5]), ("6-7", [0, 6]), ("sat-7", [0, 6]), ("fri-7", [0, 5, 6]), ("0-7", Array(0...6)),
        ("*/2", [0, 2, 4, 6]), ("*/7", [0]), ("1-7/2", [0, 1, 3, 5]), ("5/1", [0, 5, 6]), ("mon,wed,fri", [1, 3, 5]),
        ("sun-sat/3", [0, 3, 6]),
    ])
    func daysOfWeek(field: String, values: [Int]) throws {
        let expression = try CronExpression("0 0 * * \(field)")
        let days = (0...6).filter {
            let date = CivilDate(dayNumber: Self.sunday.dayNumber + $0)
            return expression.matches(WallTime(date: date, hour: 0, minute: 0))
        }
        #expect(days == values)
    }

    /// In July 2026, whose first Monday is the 6th.
    @Test(arguments: [
        ("1,15 * mon", [1, 6, 13, 15, 20, 27]),
        ("1,15 * *", [1, 15]),
        ("* * mon", [6, 13, 20, 27]),
        ("13 jul fri", [3, 10, 13, 17, 24, 31]),
        // Neither counts as restricted when it begins with a star: both must be right.
        ("*/2 * mon", [13, 27]),
        ("1-7 * */7", [5]),
        ("*/3 * */5", [10, 19, 31]),
        ("*,15 * mon", [6, 13, 20, 27]),
        // It does with a star further on.
        ("15,*/10 * mon", [1, 6, 11, 13, 15, 20, 21, 27, 31]),
        ("1-31 * mon", Array(1...31)),
        ("30 2 mon", []),
    ])
    func eitherDayIsEnoughWhenBothAreRestricted(fields: String, days: [Int]) throws {
        let expression = try CronExpression("0 6 \(fields)")
        let due = (1...31).filter {
            expression.matches(WallTime(date: CivilDate(year: 2026, month: 7, day: $0), hour: 6, minute: 0))
        }
        #expect(due == days)
    }

    @Test(arguments: [
        ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * sun"),
        ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 jan *"), ("@annually", "0 0 1 1 *"), ("@DAILY", "0 0 * * *"),
        (" @Weekly\t", "0 0 * * 7"),
    ])
    func nicknames(nickname: String, text: String) throws {
        let (short, long) = (try CronExpression(nickname), try CronExpression(text))
        #expect(short.text == nickname && long.text == text)
        var time = WallTime(date: Self.sunday, hour: 0, minute: 0)
        for _ in 0..<100 {
            let due = short.next(notBefore: time)
            #expect(due == long.next(notBefore: time))
            time = WallTime(secondNumber: due.secondNumber + 1)
        }
    }

    @Test func blanksAndTabsSeparate() throws {
        let expression = try CronExpression("\t 5  4\t\t* * *   ")
        #expect(expression.matches(WallTime(date: Self.sunday, hour: 4, minute: 5)))
        #expect(!expression.matches(WallTime(date: Self.sunday, hour: 5, minute: 4)))
    }

    @Test func secondsDoNotMatter() throws {
        let expression = try CronExpression("5 4 * * *")
        #expect(expression.matches(WallTime(date: Self.sunday, hour: 4, minute: 5, second: 59)))
        let before = WallTime(date: Self.sunday, hour: 4, minute: 4, second: 1)
        #expect(expression.next(notBefore: before).description == "2026-03-01T04:05:00")
        let late = WallTime(date: Self.sunday, hour: 4, minute: 5, second: 1)
        #expect(expression.next(notBefore: late).description == "2026-03-02T04:05:00")
        let everyMinute = try CronExpression("* * * * *")
        let last = WallTime(date: Self.sunday, hour: 23, minute: 59, second: 59)
        #expect(everyMinute.next(notBefore: last).description == "2026-03-02T00:00:00")
    }

    /// 2100 has no 29 February, and after 2032 the next Sunday among them is in 2060.
    @Test(arguments: [
        ("0 0 29 2 *", "2096-02-29T00:00:01", "2104-02-29T00:00:00"),
        ("0 0 29 2 *", "2025-06-01T00:00:00", "2028-02-29T00:00:00"),
        ("0 0 29 2 */7", "2032-03-01T00:00:00", "2060-02-29T00:00:00"),
        ("0 0 29 2 */7", "2088-03-01T00:00:00", "2128-02-29T00:00:00"),
        ("59 23 31 12 *", "2026-12-31T23:59:01", "2027-12-31T23:59:00"),
        ("0 0 31 * *", "2026-03-31T00:01:00", "2026-05-31T00:00:00"),
    ])
    func whatIsSeldomDueIsFound(text: String, start: String, due: String) throws {
        let expression = try CronExpression(text)
        #expect(expression.next(notBefore: try WallTime(text: start)).description == due)
    }

    @Test(arguments: [
        ("", "found 0"), ("   ", "found 0"), ("*", "found 1"), ("* * * *", "found 4"), ("0 0 * * * *", "found 6"),
        ("@daily 0", "found 2"), ("@daily * * * * *", "found 6"),
    ])
    func anythingButFiveFieldsIsRefused(text: String, message: String) {
        let error = #expect(throws: CronError.self) { try CronExpression(text) }
        #expect(error?.description.contains("five fields (minute, hour, day of month, month, day of week)") == true)
        #expect(error?.description.hasSuffix(message) == true)
    }

    @Test(arguments: ["@never", "@reboot", "@", "@@daily", "@every", "@dailyy"])
    func unknownNicknamesAreRefused(text: String) {
        let error = #expect(throws: CronError.self) { try CronExpression(text) }
        #expect(error?.description.hasPrefix("\(text) is unknown; use one of @annually, @daily, @hourly") == true)
    }

    @Test(arguments: [
        ", * * * *", "1, * * * *", ",1 * * * *", "1,,2 * * * *", "60 * * * *", "0-60 * * * *", "-1 * * * *",
        "+1 * * * *", "1- * * * *", "- * * * *", "1--2 * * * *", "1-2-3 * * * *", "1/2/3 * * * *", "5-2 * * * *",
        "/5 * * * *", "*/0 * * * *", "*/ * * * *", "*/-1 * * * *", "*/+1 * * * *", "*/* * * * *", "*/x * * * *",
        "** * * * *", "*5 * * * *", "*-5 * * * *", "5-* * * * *", "1.5 * * * *", "0x5 * * * *", "1_0 * * * *",
        "x * * * *", "jan * * * *", "mon * * * *", "? * * * *", "H * * * *", "~ * * * *", "1;2 * * * *",
        "\u{0663} * * * *", "\u{FF13} * * * *", "\u{0967}-5 * * * *", "*/\u{0662} * * * *", "5\u{0301} * * * *",
        "99999999999999999999 * * * *", "0-99999999999999999999 * * * *", "*/99999999999999999999 * * * *",
        "0000000005 * * * *", "\u{0} * * * *", "\n5 * * * *", "5\r\n * * * *",
    ])
    func badMinutesAreRefused(text: String) throws {
        try expectRefusal(of: text, namingField: "minute")
    }

    @Test(arguments: [
        ("* 24 * * *", "hour"), ("* 5-2 * * *", "hour"), ("* */0 * * *", "hour"), ("* -1 * * *", "hour"),
        ("* 1,,2 * * *", "hour"), ("* 5pm * * *", "hour"), ("* mon * * *", "hour"),
        ("* * 0 * *", "day of month"), ("* * 32 * *", "day of month"), ("* * 0-5 * *", "day of month"),
        ("* * L * *", "day of month"), ("* * ? * *", "day of month"), ("* * 15W * *", "day of month"),
        ("* * */0 * *", "day of month"), ("* * 1--2 * *", "day of month"), ("* * mon * *", "day of month"),
        ("* * * 0 *", "month"), ("* * * 13 *", "month"), ("* * * january *", "month"), ("* * * ja *", "month"),
        ("* * * mon *", "month"), ("* * * nov-feb *", "month"), ("* * * 1/0 *", "month"), ("* * * j\u{E4}n *", "month"),
        ("* * * * 8", "day of week"), ("* * * * monday", "day of week"), ("* * * * jan", "day of week"),
        ("* * * * fri-sun", "day of week"), ("* * * * 5#2", "day of week"), ("* * * * 5L", "day of week"),
        ("* * * * ,", "day of week"), ("* * * * mon-", "day of week"), ("* * * * */8/1", "day of week"),
        ("* * * * mon.", "day of week"), ("0 0 * * *\n", "day of week"),
    ])
    func otherBadFieldsAreRefused(text: String, field: String) throws {
        try expectRefusal(of: text, namingField: field)
    }

    /// The message begins with the name of the field and shows the item that is wrong.
    private func expectRefusal(of text: String, namingField field: String) throws {
        let error = try #require(throws: CronError.self) { try CronExpression(text) }
        #expect(error.description.hasPrefix("\(field) \""), "\(error)")
        #expect(error.description.contains("\": "), "\(error)")
    }

    @Test func messagesShowTheItemAndWhatItMayBe() throws {
        let minute = try #require(throws: CronError.self) { try CronExpression("1,60 * * * *") }
        #expect(minute.description == "minute \"60\": use *, 0-59, ranges, lists and steps such as */2")
        let month = try #require(throws: CronError.self) { try CronExpression("* * * 1-13/2 *") }
        #expect(
            month.description == "month \"1-13/2\": use *, 1-12 or jan-dec, ranges, lists and steps such as */2")
        let range = try #require(throws: CronError.self) { try CronExpression("* 5-2 * * *") }
        #expect(range.description == "hour \"5-2\": the range ends before it begins")
        let step = try #require(throws: CronError.self) { try CronExpression("* * * * */0") }
        #expect(step.description == "day of week \"*/0\": a step is a whole number of at least 1")
    }

    /// Refused are the days that the month has in no year.
    @Test(arguments: 1...12)
    func whatIsNeverDueIsRefused(month: Int) throws {
        let longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        for day in 1...31 where day <= longest {
            let due = try CronExpression("0 0 \(day) \(month) *").next(notBefore: WallTime(secondNumber: 0))
            #expect(due.date.month == month && due.date.day == day)
        }
        for day in 1...31 where day > longest {
            for dayOfWeek in ["*", "*/2"] {
                let error = #expect(throws: CronError.self) { try CronExpression("0 0 \(day) \(month) \(dayOfWeek)") }
                #expect(error?.description.contains("never due") == true)
            }
            let monday = try CronExpression("0 0 \(day) \(month) mon").next(notBefore: WallTime(secondNumber: 0))
            #expect(monday.date.month == month && monday.date.dayOfWeek == 1)
        }
    }

    @Test(arguments: ["0 0 30 2 *", "0 0 31 4,6 *", "0 0 30-31 feb *", "0 0 31 2,4,6,9,11 */3", "0 0 30/1 2 *"])
    func severalMonthsThatAreAllTooShortAreRefused(text: String) {
        #expect(throws: CronError.self) { try CronExpression(text) }
    }

    /// Garbage, and expressions with a few characters changed: what is not refused means what the reference says.
    @Test(arguments: 0..<20)
    func anyTextIsReadOrRefused(seed: Int) throws {
        let alphabet: [Character] =
            Array("0123456789**,,--//  \t@jansunMON+.") + ["\u{0663}", "\u{301}", "\r\n", "\u{0}"]
        var random = SeededGenerator(seed: UInt64(seed))
        var readCount = 0
        for number in 0..<500 {
            var characters: [Character] = []
            if number % 2 == 0 {
                for _ in 0..<Int.random(in: 0...20, using: &random) {
                    characters.append(alphabet.randomElement(using: &random) ?? "*")
                }
            } else {
                characters = Array(RandomExpression.text(using: &random))
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let place = Int.random(in: 0..<characters.count, using: &random)
                    let new = alphabet.randomElement(using: &random) ?? "*"
                    characters.replaceSubrange(
                        place..<(place + Int.random(in: 0...1, using: &random)),
                        with: Bool.random(using: &random) ? [new] : [])
                    if characters.isEmpty { characters = ["*"] }
                }
            }
            let text = String(characters)
            guard let expression = try? CronExpression(text) else { continue }
            readCount += 1
            let reference = NaiveCron(text)
            for _ in 0..<20 {
                let start = WallTime(secondNumber: Int.random(in: 0..<4_000_000_000, using: &random))
                let due = expression.next(notBefore: start)
                #expect(due >= start && due.second == 0, "\(text)")
                #expect(expression.matches(due) && reference.matches(due), "\(text)")
                #expect(expression.matches(start) == reference.matches(start), "\(text)")
            }
        }
        #expect(readCount > 20)
    }
}
