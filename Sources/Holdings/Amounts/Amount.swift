/// An amount as a row of holdings has it.
///
/// Numbers that a warehouse keeps exactly stay exact, so that a position that was closed in parts sums to 0.
public enum Amount: Sendable, Hashable {
    /// NULL.
    case missing
    /// NaN.
    case notANumber
    /// Infinite, or beyond double precision.
    case infinite
    /// A floating point number; finite.
    case floating(Double)
    /// An exact number.
    case decimal(PackedDecimal)

    /// The amount of a row that has none.
    public static let one = Amount.decimal(PackedDecimal(1, 0))

    /// Whether there is no position: NULL and 0.
    public var isNone: Bool {
        switch self {
        case .missing: true
        case .notANumber, .infinite: false
        case .floating(let number): number == 0
        case .decimal(let decimal): decimal.units == 0 && decimal.long == nil
        }
    }

    /// A floating point number, whatever it is; nil for NULL.
    public init(_ number: Double?) {
        switch number {
        case nil: self = .missing
        case .some(let number) where number.isFinite: self = .floating(number)
        case .some(let number): self = number.isNaN ? .notANumber : .infinite
        }
    }
}

/// How a source keeps its amounts, which decides how they are summed.
public enum AmountForm: Sendable, Hashable {
    /// Whole numbers and decimals, which are exact.
    case decimal
    /// Double precision.
    case double
    /// Single precision, read as double precision.
    case real
}

extension AmountForm {
    /// An amount as it is kept with its row; what it means depends on the form.
    typealias Bits = Int64

    /// Whether an amount is below 0.
    func isNegative(_ bits: Bits, _ longs: LongDecimals) -> Bool {
        guard self == .decimal else { return number(bits) < 0 }
        let decimal = PackedDecimal(bits: bits)
        return decimal.long.map { longs.isNegative(at: $0) } ?? (decimal.units < 0)
    }

    /// The amount in double precision.
    func value(_ bits: Bits, _ longs: LongDecimals) -> Double {
        guard self == .decimal else { return number(bits) }
        let decimal = PackedDecimal(bits: bits)
        return decimal.long.map { longs.value(at: $0) } ?? decimal.value
    }

    /// The sum of amounts in double precision, infinite beyond it, and how much of it may be rounding: nothing for decimals,
    /// whose sums are exact.
    ///
    /// - Parameter amounts: In an order that depends on nothing but them.
    func sum(_ amounts: some Sequence<Bits>, _ longs: LongDecimals) -> (value: Double, rounding: Double) {
        guard self == .decimal else {
            let sum = floatingSum(amounts, scale: 1)
            // What overflows on the way need not overflow in the end.
            let safe = sum.isFinite ? sum : floatingSum(amounts, scale: 0x1p-64)
            return (safe.value, safe.rounding)
        }
        var sum = DecimalSum()
        for bits in amounts {
            let decimal = PackedDecimal(bits: bits)
            if let long = decimal.long {
                longs.add(long, to: &sum)
            } else {
                sum.add(units: decimal.units, places: decimal.places)
            }
        }
        return (sum.value, 0)
    }

    private func floatingSum(_ amounts: some Sequence<Bits>, scale: Double) -> FloatingSum {
        var sum = FloatingSum(isSingle: self == .real, scale: scale)
        for bits in amounts { sum.add(number(bits)) }
        return sum
    }

    private func number(_ bits: Bits) -> Double { Double(bitPattern: UInt64(bitPattern: bits)) }
}
