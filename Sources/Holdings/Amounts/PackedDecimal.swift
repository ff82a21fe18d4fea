/// A decimal number in eight bytes: one of up to 15 or 16 digits itself, a longer one as the place in ``LongDecimals``
/// where it is.
///
/// Digits are grouped by four, as PostgreSQL groups them. Of the numbers that are here themselves, double precision has
/// both the digits and the power of 10000, so that one division rounds them correctly.
public struct PackedDecimal: Sendable, Hashable {
    /// Instead of the places, in a number that is somewhere else.
    private static let longMark: Int64 = 7

    /// Units in the upper 61 bits, places in the lower three.
    let bits: AmountForm.Bits

    init(bits: AmountForm.Bits) {
        self.bits = bits
    }

    /// A number that is somewhere else.
    init(long offset: Int) {
        bits = Int64(offset) << 3 | Self.longMark
    }

    /// A number of units of 10000^-places.
    ///
    /// - Parameters:
    ///   - units: Any number.
    ///   - places: Groups of four digits after the decimal point; at least 0.
    /// - Returns: Nil for what double precision has not got: more than 2^53 units, or more places than 5.
    @inlinable
    public init?(units: Int64, places: Int) {
        guard places <= 5, units.magnitude <= 1 << 53 else { return nil }
        self.init(units, places)
    }

    @usableFromInline
    init(_ units: Int64, _ places: Int) {
        bits = units << 3 | Int64(places)
    }

    /// Where in ``LongDecimals`` the number is; nil if it is here.
    var long: Int? { bits & 7 == Self.longMark ? Int(bits >> 3) : nil }
    /// Its units of 10000^-places.
    var units: Int64 { bits >> 3 }
    /// Groups of digits after the decimal point.
    var places: Int { Int(bits & 7) }

    /// The nearest number in double precision.
    var value: Double {
        switch places {
        case 0: Double(units)
        case 1: Double(units) / 1e4
        case 2: Double(units) / 1e8
        case 3: Double(units) / 1e12
        case 4: Double(units) / 1e16
        default: Double(units) / 1e20
        }
    }
}
