/// A calendar day: the business date that a run is made for.
///
/// Has no time zone.
public struct BusinessDate: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Year of the Gregorian calendar, 1...9999.
    public let year: Int
    /// Month, 1...12.
    public let month: Int
    /// Day of the month, counted from 1.
    public let day: Int

    /// Reads a date written as `YYYY-MM-DD`; nil if the text is anything else or there is no such day.
    public init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 10, digits[4] == UInt8(ascii: "-"), digits[7] == UInt8(ascii: "-") else { return nil }
        guard digits.enumerated().allSatisfy({ [4, 7].contains($0) || (48...57).contains($1) }) else { return nil }
        guard let year = Int(text.prefix(4)), let month = Int(text.dropFirst(5).prefix(2)),
            let day = Int(text.suffix(2)), year >= 1, (1...12).contains(month)
        else { return nil }
        let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let dayCounts = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day >= 1, day <= dayCounts[month - 1] else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// The date as `YYYY-MM-DD`.
    public var description: String {
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    /// The date as an SQL literal, such as `DATE '2026-11-23'`.
    package var sqlLiteral: String { "DATE '\(self)'" }

    /// Whether one day is before the other.
    public static func < (left: BusinessDate, right: BusinessDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}
