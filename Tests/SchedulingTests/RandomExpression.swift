import TestSupport

/// Expressions that use everything there is to use, most often about the hours at which clocks change.
enum RandomExpression {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let daysOfWeek = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    private static let nicknames = ["@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"]

    /// The text of an expression; a few are never due.
    static func text(using random: inout SeededGenerator) -> String {
        if Int.random(in: 0..<40, using: &random) == 0 { return nicknames.randomElement(using: &random) ?? "@daily" }
        let hours = [0...4, 0...4, 22...23, 0...23].randomElement(using: &random) ?? 0...23
        return [
            field(0...59, starShare: 0.2, using: &random),
            field(hours, starShare: 0.3, using: &random),
            field(1...31, starShare: 0.5, using: &random),
            field(1...12, names: months, starShare: 0.7, using: &random),
            field(0...7, names: daysOfWeek, starShare: 0.5, using: &random),
        ].joined(separator: " ")
    }

    private static func field(
        _ range: ClosedRange<Int>, names: [String] = [], starShare: Double, using random: inout SeededGenerator
    ) -> String {
        if Double.random(in: 0..<1, using: &random) < starShare { return "*" }
        let itemCount = [1, 1, 1, 2, 3, 5].randomElement(using: &random) ?? 1
        return (0..<itemCount).map { _ in item(range, names, using: &random) }.joined(separator: ",")
    }

    private static func item(
        _ range: ClosedRange<Int>, _ names: [String], using random: inout SeededGenerator
    ) -> String {
        let step = "/\([1, 2, 3, 5, 7, 15, 20, 31, 60, 100].randomElement(using: &random) ?? 1)"
        let first = Int.random(in: range, using: &random)
        let last = Int.random(in: first...range.upperBound, using: &random)
        let (from, to) = (word(first, range, names, using: &random), word(last, range, names, using: &random))
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return "*" + step
        case 1: return from + step
        case 2...3: return "\(from)-\(to)" + step
        case 4...5: return "\(from)-\(to)"
        default: return from
        }
    }

    /// A number, or its name in any case.
    private static func word(
        _ value: Int, _ range: ClosedRange<Int>, _ names: [String], using random: inout SeededGenerator
    ) -> String {
        let index = value - range.lowerBound
        guard names.indices.contains(index), Bool.random(using: &random) else { return String(value) }
        let name = names[index]
        let capitalized = name.prefix(1).uppercased() + name.dropFirst()
        return [name, name.uppercased(), capitalized].randomElement(using: &random) ?? name
    }
}
