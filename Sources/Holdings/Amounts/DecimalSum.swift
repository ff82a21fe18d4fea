/// The exact sum of decimals.
///
/// Most are of one scale and fit a machine word. Whatever does not is added digit by digit, groups of four as PostgreSQL
/// has them, with carries only at the end; so no number of digits is too many.
struct DecimalSum {
    private static let base: Int64 = 10_000

    /// A part of the sum, in units of 10000^-places.
    private var units: Int64 = 0
    private var places = 0
    /// The other part: signed numbers, of which the first counts 10000^lowest.
    ///
    /// A group of digits adds at most 9999, so there is room for 9e14 of them.
    private var limbs: [Int64] = []
    private var lowest = 0

    /// Adds a number of units of 10000^-places.
    mutating func add(units added: Int64, places addedPlaces: Int) {
        let most = max(places, addedPlaces)
        if let own = Self.scaled(units, by: most - places), let other = Self.scaled(added, by: most - addedPlaces) {
            let (sum, overflows) = own.addingReportingOverflow(other)
            if !overflows {
                (units, places) = (sum, most)
                return
            }
        }
        spill()
        (units, places) = (added, addedPlaces)
    }

    /// Adds a multiple of a power of 10000.
    ///
    /// - Parameter digits: A group of four digits, with its sign.
    mutating func add(_ digits: Int64, weight: Int) {
        reach(weight)
        limbs[weight - lowest] += digits
    }

    /// The nearest number in double precision; infinite beyond it.
    var value: Double {
        guard !limbs.isEmpty || PackedDecimal(units: units, places: places) == nil else {
            return PackedDecimal(units, places).value
        }
        var sum = self
        sum.spill()
        return sum.limbValue
    }

    private static func scaled(_ units: Int64, by places: Int) -> Int64? {
        var scaled = units
        for _ in 0..<places {
            let (product, overflows) = scaled.multipliedReportingOverflow(by: base)
            guard !overflows else { return nil }
            scaled = product
        }
        return scaled
    }

    /// Moves what is in the machine word to the other part.
    private mutating func spill() {
        var (rest, weight) = (units, -places)
        while rest != 0 {
            add(rest % Self.base, weight: weight)
            (rest, weight) = (rest / Self.base, weight + 1)
        }
        (units, places) = (0, 0)
    }

    /// Makes room for a power of 10000.
    private mutating func reach(_ weight: Int) {
        if limbs.isEmpty { lowest = weight }
        if weight < lowest {
            limbs.insert(contentsOf: repeatElement(0, count: lowest - weight), at: 0)
            lowest = weight
        } else if weight - lowest >= limbs.count {
            limbs.append(contentsOf: repeatElement(0, count: weight - lowest - limbs.count + 1))
        }
    }

    /// The number as text, which the standard library rounds correctly.
    private var limbValue: Double {
        var digits = limbs
        var carry = Self.carry(&digits)
        let isNegative = carry < 0
        if isNegative {
            digits = limbs.map { -$0 }
            carry = Self.carry(&digits)
        }
        var text = isNegative ? "-\(carry)" : "\(carry)"
        for group in digits.reversed() { text += String(group + Self.base).dropFirst() }
        return Double("\(text)e\(4 * lowest)") ?? .nan
    }

    /// Makes every limb a group of four digits, and returns what goes beyond the highest.
    private static func carry(_ limbs: inout [Int64]) -> Int64 {
        var carry: Int64 = 0
        for index in limbs.indices {
            let (quotient, remainder) = (limbs[index] + carry).quotientAndRemainder(dividingBy: base)
            carry = remainder < 0 ? quotient - 1 : quotient
            limbs[index] = remainder < 0 ? remainder + base : remainder
        }
        return carry
    }
}
