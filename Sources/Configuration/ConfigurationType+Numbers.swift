extension ConfigurationType {
    static func boolean(_ raw: UntypedValue) throws(ValueMismatch) -> Bool {
        switch try unquotedText(raw) {
        case "true": return true
        case "false": return false
        case let other where ["yes", "no", "on", "off"].contains(other.lowercased()):
            throw ValueMismatch(found: "a word that only old YAML takes for true or false")
        default: throw ValueMismatch(found: "text")
        }
    }

    static func integer(_ raw: UntypedValue, in range: ClosedRange<Int>) throws(ValueMismatch) -> Int {
        let text = try unquotedText(raw)
        guard let number = text.wholeMatch(of: /-?[0-9]+/) else {
            throw ValueMismatch(found: isDecimal(text) ? "a number with a fraction or an exponent" : "text")
        }
        try refuseLeadingZero(number.output)
        guard let value = Int(number.output), range.contains(value) else {
            throw ValueMismatch(found: "a whole number out of range")
        }
        return value
    }

    static func number(_ raw: UntypedValue, in range: ClosedRange<Double>) throws(ValueMismatch) -> Double {
        let text = try unquotedText(raw)
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

    static func duration(_ raw: UntypedValue) throws(ValueMismatch) -> Duration {
        let text = try unquotedText(raw)
        guard let match = text.wholeMatch(of: /([0-9]+)(ms|s|min|h)/) else {
            throw ValueMismatch(found: isDecimal(text) ? "a number without a unit" : "text")
        }
        try refuseLeadingZero(match.1)
        let millisecondsPerUnit: Int64 =
            switch match.2 {
            case "ms": 1
            case "s": 1000
            case "min": 60_000
            default: 3_600_000
            }
        // Zero would mean "never" to PostgreSQL. Its own timeouts are milliseconds in 32 bits.
        let (milliseconds, isOverflow) = (Int64(match.1) ?? .max).multipliedReportingOverflow(by: millisecondsPerUnit)
        guard !isOverflow, (1...Int64(Int32.max)).contains(milliseconds) else {
            throw ValueMismatch(found: "a duration of zero or of more than 24 days")
        }
        return .milliseconds(milliseconds)
    }

    private static func unquotedText(_ raw: UntypedValue) throws(ValueMismatch) -> String {
        if case .text(_, isQuoted: true) = raw { throw ValueMismatch(found: "text in quotes") }
        return try text(raw)
    }

    private static func isDecimal(_ text: String) -> Bool {
        text.wholeMatch(of: /-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil
    }

    /// YAML 1.1 reads `010` as 8 and YAML 1.2 as 10, so nobody can know what it means.
    private static func refuseLeadingZero(_ text: Substring) throws(ValueMismatch) {
        guard text.prefixMatch(of: /-?0[0-9]/) == nil else {
            throw ValueMismatch(found: "a number with a leading zero")
        }
    }
}
