/// One field of a cron expression: the values it allows, as the bits of a word.
struct CronField: Sendable, Hashable {
    /// Which field it is.
    enum Kind {
        case minute
        case hour
        case dayOfMonth
        case month
        case dayOfWeek

        var name: String {
            switch self {
            case .minute: "minute"
            case .hour: "hour"
            case .dayOfMonth: "day of month"
            case .month: "month"
            case .dayOfWeek: "day of week"
            }
        }

        var range: ClosedRange<Int> {
            switch self {
            case .minute: 0...59
            case .hour: 0...23
            case .dayOfMonth: 1...31
            case .month: 1...12
            case .dayOfWeek: 0...7
            }
        }

        /// The names of the values, from the least value on.
        var names: [String] {
            switch self {
            case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            case .dayOfWeek: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
            default: []
            }
        }
    }

    private var bits: UInt64 = 0
    /// Whether it rules anything out: a field that begins with `*` does not count as such, whatever its step.
    let isRestricted: Bool

    /// Reads a field.
    init(_ text: String, _ kind: Kind) throws(CronError) {
        isRestricted = !text.hasPrefix("*")
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            try insert(String(item), kind)
        }
        // Sunday is 0 and 7.
        if kind == .dayOfWeek && bits & 1 << 7 != 0 { bits = (bits | 1) & ~(1 << 7) }
    }

    private mutating func insert(_ item: String, _ kind: Kind) throws(CronError) {
        let parts = item.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2 else { throw Self.mistake(item, kind) }
        var step = 1
        if parts.count == 2 {
            guard let number = Self.number(parts[1]), number >= 1 else {
                throw CronError("\(kind.name) \"\(CronError.shown(item))\": a step is a whole number of at least 1")
            }
            step = number
        }
        let range: ClosedRange<Int>
        if parts[0] == "*" {
            range = kind == .dayOfWeek ? 0...6 : kind.range
        } else {
            let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
            guard ends.count <= 2, let first = Self.value(ends[0], kind) else { throw Self.mistake(item, kind) }
            if ends.count == 2 {
                guard let last = Self.value(ends[1], kind) else { throw Self.mistake(item, kind) }
                guard first <= last else {
                    throw CronError("\(kind.name) \"\(CronError.shown(item))\": the range ends before it begins")
                }
                range = first...last
            } else {
                range = parts.count == 2 ? first...kind.range.upperBound : first...first
            }
        }
        // A step beyond the range leaves its first value.
        for value in stride(from: range.lowerBound, through: range.upperBound, by: min(step, 64)) { bits |= 1 << value }
    }

    private static func value(_ text: String, _ kind: Kind) -> Int? {
        if let index = kind.names.firstIndex(of: text.lowercased()) { return kind.range.lowerBound + index }
        return number(text).flatMap { kind.range.contains($0) ? $0 : nil }
    }

    /// Up to nine decimal digits, and nothing else that `Int` would take.
    private static func number(_ text: String) -> Int? {
        let isNumber = (1...9).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return isNumber ? Int(text) : nil
    }

    private static func mistake(_ item: String, _ kind: Kind) -> CronError {
        let names = kind.names.isEmpty ? "" : " or \(kind.names[0])-\(kind.names[kind.names.count - 1])"
        let values = "\(kind.range.lowerBound)-\(kind.range.upperBound)\(names)"
        return CronError(
            "\(kind.name) \"\(CronError.shown(item))\": use *, \(values), ranges, lists and steps such as */2")
    }

    func contains(_ value: Int) -> Bool { bits >> value & 1 == 1 }

    /// The least value that is allowed and not below another.
    func first(notBefore value: Int) -> Int? {
        guard value < 64 else { return nil }
        let rest = (bits >> value) << value
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }
}
