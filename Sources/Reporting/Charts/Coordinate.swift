import Foundation

/// Coordinates as SVG attributes.
enum Coordinate {
    /// A length in pixels, with at most two decimals.
    static func pixels(_ length: Double) -> String { number(length) }

    /// A share of the drawing's width, 0...1.
    static func percent(_ share: Double) -> String { number(100 * share) + "%" }

    /// A plain number with at most two decimals; 0 for what is not a number.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let hundredths = (value * 100).rounded()
        return hundredths == (hundredths / 100).rounded() * 100
            ? String(format: "%.0f", hundredths / 100) : String(format: "%.2f", hundredths / 100)
    }
}
