extension ValueFormat<Bool> {
    static var boolean: Self {
        Self("true or false", write: { .text("\($0)", isQuoted: false) }) { raw throws(ValueMismatch) in
            switch try raw.unquotedText() {
            case "true": return true
            case "false": return false
            case let other where ["yes", "no", "on", "off"].contains(other.lowercased()):
                throw ValueMismatch(found: "a word that only old YAML takes for true or false")
            default: throw ValueMismatch(found: "text")
            }
        }
    }
}

extension ValueFormat<Int> {
    /// Whole numbers from `lower` up; all of them fit 32 bits.
    static func integer(atLeast lower: Int) -> Self {
        let range = lower...Int(Int32.max)
        let hint = "; it can be at most \(range.upperBound)"
        return integer(range, "a whole number of at least \(lower)", ifGreater: hint)
    }

    static func integer(_ range: ClosedRange<Int>) -> Self {
        integer(range, "a whole number from \(range.lowerBound) to \(range.upperBound)", ifGreater: "")
    }

    private static func integer(_ range: ClosedRange<Int>, _ expectation: String, ifGreater hint: String) -> Self {
        Self(expectation, write: { .text("\($0)", isQuoted: false) }) { raw throws(ValueMismatch) in
            let text = try raw.unquotedText()
            guard let number = text.wholeMatch(of: /-?[0-9]+/) else {
                throw ValueMismatch(found: isDecimal(text) ? "a number with a fraction or an exponent" : "text")
            }
            try refuseLeadingZero(number.output)
            guard let value = Int(number.output), range.contains(value) else {
                let isGreater = !text.hasPrefix("-") && (Int(number.output) ?? .max) > range.upperBound
                throw ValueMismatch(found: "a whole number out of range" + (isGreater ? hint : ""))
            }
            return value
        }
    }
}

extension ValueFormat<Int?> {
    static func integerOrNothing(_ range: ClosedRange<Int>) -> Self {
        let integer = ValueFormat<Int>.integer(range)
        return Self(integer.expectation + ", or nothing", write: integer.optional.write) { raw throws(ValueMismatch) in
            if case .nothing = raw { nil } else { try integer.read(raw) }
        }
    }
}

extension ValueFormat<Double> {
    static func number(atLeast lower: Double) -> Self {
        number(lower...Double.greatestFiniteMagnitude, "a number of at least \(shortest(lower))")
    }

    static func number(_ range: ClosedRange<Double>) -> Self {
        number(range, "a number from \(shortest(range.lowerBound)) to \(shortest(range.upperBound))")
    }

    private static func number(_ range: ClosedRange<Double>, _ expectation: String) -> Self {
        Self(expectation, write: { .text(shortest($0), isQuoted: false) }) { raw throws(ValueMismatch) in
            let text = try raw.unquotedText()
            guard isDecimal(text), let value = Double(text) else { throw ValueMismatch(found: "text") }
            try refuseLeadingZero(text[...])
            let mantissa = text.prefix { $0 != "e" && $0 != "E" }
            let isUnderflow = value == 0 && mantissa.contains { ("1"..."9").contains($0) }
            guard !isUnderflow, value.isFinite, range.contains(value) else {
                throw ValueMismatch(found: "a number out of range")
            }
            // Zero has one form, so that records of equal configurations are equal.
            return value == 0 ? 0 : value
        }
    }

    /// The number without a needless fraction: `1`, not `1.0`.
    static func shortest(_ number: Double) -> String {
        let text = "\(number)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension ValueFormat<Duration> {
    static var duration: Self {
        Self("a duration such as 250ms, 30s, 15min or 1h", write: { .text(text($0), isQuoted: true) }) {
            raw throws(ValueMismatch) in
            let text = try raw.unquotedText()
            guard let match = text.wholeMatch(of: /([0-9]+)(ms|s|min|h)/) else {
                throw ValueMismatch(found: isDecimal(text) ? "a number without a unit" : "text")
            }
            try refuseLeadingZero(match.1)
            let unit = units.first { $0.name == match.2 }?.milliseconds ?? 1
            // Zero would mean "never" to PostgreSQL. Its own timeouts are milliseconds in 32 bits.
            let (milliseconds, isOverflow) = (Int64(match.1) ?? .max).multipliedReportingOverflow(by: unit)
            guard !isOverflow, (1...Int64(Int32.max)).contains(milliseconds) else {
                throw ValueMismatch(found: "a duration of zero or of more than 24 days")
            }
            return .milliseconds(milliseconds)
        }
    }

    private static var units: [(name: String, milliseconds: Int64)] {
        [("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1)]
    }

    /// In the largest unit that leaves no fraction; a single minute is 60s.
    private static func text(_ duration: Duration) -> String {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        let unit = units.first { milliseconds.isMultiple(of: $0.milliseconds) && milliseconds != 60_000 } ?? ("s", 1000)
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}

extension Duration {
    static func minutes(_ count: Int) -> Duration { .seconds(60 * count) }
    static func hours(_ count: Int) -> Duration { .minutes(60 * count) }
}

private func isDecimal(_ text: String) -> Bool {
    text.wholeMatch(of: /-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil
}

/// YAML 1.1 reads `010` as 8 and YAML 1.2 as 10, so nobody can know what it means.
private func refuseLeadingZero(_ text: Substring) throws(ValueMismatch) {
    guard text.prefixMatch(of: /-?0[0-9]/) == nil else {
        throw ValueMismatch(found: "a number with a leading zero")
    }
}
