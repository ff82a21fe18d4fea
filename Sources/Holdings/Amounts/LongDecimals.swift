/// Decimals that are too long for a ``PackedDecimal``, one after the other.
///
/// Each is its weight, its sign, the number of its digits, and its digits: groups of four, the first of which counts
/// 10000^weight.
struct LongDecimals: Sendable {
    private var words: [Int16] = []

    /// Keeps a number.
    ///
    /// - Parameters:
    ///   - digits: 0...9999 each.
    ///   - weight: The power of 10000 that the first one counts.
    /// - Returns: Where it is.
    mutating func append(isNegative: Bool, weight: Int16, digits: some Collection<Int16>) -> Int {
        let offset = words.count
        words += [weight, isNegative ? -1 : 1, Int16(clamping: digits.count)]
        words += digits
        return offset
    }

    func isNegative(at offset: Int) -> Bool { words[offset + 1] < 0 }

    /// Adds a number to a sum.
    func add(_ offset: Int, to sum: inout DecimalSum) {
        let (weight, sign, count) = (Int(words[offset]), Int64(words[offset + 1]), Int(words[offset + 2]))
        for index in 0..<count {
            sum.add(sign * Int64(words[offset + 3 + index]), weight: weight - index)
        }
    }

    /// The nearest number in double precision; infinite beyond it.
    func value(at offset: Int) -> Double {
        var sum = DecimalSum()
        add(offset, to: &sum)
        return sum.value
    }
}
