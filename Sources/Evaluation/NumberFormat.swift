import Foundation

/// How numbers are written for people, on a terminal and in a report.
public struct NumberFormat: Sendable {
    /// What stands before a negative number.
    private let minus: String
    /// What stands for what is not a number.
    private let nothing: String

    /// For text in a fixed width and for logs.
    public static let terminal = NumberFormat(minus: "-", nothing: "nan")
    /// For print: a minus as wide as a plus, and a dash for nothing.
    public static let print = NumberFormat(minus: "\u{2212}", nothing: "\u{2013}")

    /// A whole number with separators between thousands.
    public func grouped(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        let groups = stride(from: digits.count, to: 0, by: -3).map { end in String(digits[max(0, end - 3)..<end]) }
        return (number < 0 ? minus : "") + groups.reversed().joined(separator: ",")
    }

    /// A number with a fixed count of decimals; 0 has no sign, however small it was before it was rounded.
    public func fixed(_ number: Double, _ decimals: Int) -> String {
        guard number.isFinite else { return nothing }
        let text = String(format: "%.\(decimals)f", abs(number))
        let isZero = !text.contains { "123456789".contains($0) }
        return (number < 0 && !isZero ? minus : "") + text
    }
}
