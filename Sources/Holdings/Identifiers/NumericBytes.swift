/// The binary format of PostgreSQL's numeric: four words of 16 bits (how many digits, the weight of the first one, the sign,
/// the decimals that are shown), then the digits to base 10,000, none of them 0 at either end.
///
/// A whole number without decimals has one such form, so ids of this type are compared by their bytes like all others.
struct NumericBytes {
    private static let headerByteCount = 8

    private let bytes: UnsafeRawBufferPointer

    /// Looks into the bytes of a value; nil where there are not even those of a header.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headerByteCount else { return nil }
        self.bytes = bytes
    }

    /// Whether the value is a whole number in its one form.
    ///
    /// False for fractions, NaN and infinities, for whole numbers that show decimals, and for bytes that are no value.
    var isWhole: Bool {
        guard decimals == 0, isPositive || isNegative, bytes.count == Self.headerByteCount + 2 * digitCount else {
            return false
        }
        guard digitCount > 0 else { return isPositive && weight == 0 }
        return digitCount <= weight + 1 && digit(0) > 0 && digit(digitCount - 1) > 0
            && (0..<digitCount).allSatisfy { digit($0) < 10_000 }
    }

    /// The value of a whole number; nil where a bigint has no room for it.
    var bigint: Int64? {
        // Five digits reach beyond it.
        guard weight < 5 else { return nil }
        var value: Int64 = 0
        guard digitCount > 0 else { return value }
        for place in 0...weight {
            let (product, overflows) = value.multipliedReportingOverflow(by: 10_000)
            let digit = place < digitCount ? Int64(digit(place)) : 0
            let (sum, overflowsToo) = product.subtractingReportingOverflow(digit)
            if overflows || overflowsToo { return nil }
            value = sum
        }
        // Negative up to here, since the least value has no positive counterpart.
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// Whether a whole number is less than another one.
    func precedes(_ other: NumericBytes) -> Bool {
        guard isNegative == other.isNegative else { return isNegative }
        let (less, greater) = isNegative ? (other, self) : (self, other)
        guard less.weight == greater.weight else { return less.weight < greater.weight }
        // What another number begins with is less by the digits that follow in it.
        return less.digits.precedes(greater.digits)
    }

    /// The value as PostgreSQL writes it.
    var text: String {
        switch sign {
        case 0xC000: return "NaN"
        case 0xD000: return "Infinity"
        case 0xF000: return "-Infinity"
        default: break
        }
        func group(_ place: Int) -> String {
            let text = place >= 0 && place < digitCount ? String(digit(place)) : "0"
            return String(repeating: "0", count: max(0, 4 - text.count)) + text
        }
        var text = weight < 0 ? "0" : String((0...weight).map(group).joined().drop { $0 == "0" })
        if text.isEmpty { text = "0" }
        if decimals > 0 {
            let fraction = (0...decimals / 4).map { group(weight + 1 + $0) }.joined()
            text += "." + fraction.prefix(decimals)
        }
        return (isNegative ? "-" : "") + text
    }

    /// The bytes of a whole number as people write it, `12`, `-7` or `3.00`; nil for any other text.
    static func bytes(ofText text: String) -> [UInt8]? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        let whole = parts[0].dropFirst(isNegative || text.utf8.first == UInt8(ascii: "+") ? 1 : 0)
        let isNumber = !whole.isEmpty && whole.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber, parts.count < 2 || parts[1].allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
        let figures = whole.drop { $0 == UInt8(ascii: "0") }.map { UInt16($0 - UInt8(ascii: "0")) }
        let padded = [UInt16](repeating: 0, count: (4 - figures.count % 4) % 4) + figures
        guard padded.count / 4 <= Int(Int16.max) else { return nil }
        var digits = stride(from: 0, to: padded.count, by: 4).map { padded[$0..<$0 + 4].reduce(0) { 10 * $0 + $1 } }
        let weight = UInt16(max(0, digits.count - 1))
        while digits.last == 0 { digits.removeLast() }
        let header = [UInt16(digits.count), weight, isNegative && !digits.isEmpty ? 0x4000 : 0, 0]
        return (header + digits).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }

    private var digitCount: Int { Int(word(0)) }
    private var weight: Int { Int(Int16(bitPattern: word(1))) }
    private var sign: UInt16 { word(2) }
    private var decimals: Int { Int(word(3)) }
    private var isPositive: Bool { sign == 0 }
    private var isNegative: Bool { sign == 0x4000 }

    private var digits: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[Self.headerByteCount...]) }

    private func digit(_ place: Int) -> UInt16 { word(4 + place) }

    private func word(_ place: Int) -> UInt16 {
        UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2 * place, as: UInt16.self))
    }
}
