/// The sum of floating point numbers, and how much of it may be rounding.
///
/// What the additions lose is kept and added at the end (Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation
/// endlicher Summen", 1974), so the sum itself is as exact as if it had been rounded once, but for some n²·2^-106 of the
/// amounts. What remains is the rounding in the amounts as the warehouse has them.
struct FloatingSum {
    /// The last places of the amounts, in those of double precision.
    private let precision: Double
    private let scale: Double
    private var sum = 0.0
    private var lost = 0.0
    private var added = 0.0
    private var takenAway = 0.0
    private var count = 0.0
    private var isWhole = true

    /// Creates an empty sum.
    ///
    /// - Parameters:
    ///   - isSingle: Whether the amounts were kept in single precision.
    ///   - scale: A power of 2 with which amounts are multiplied, so that their sum does not overflow on the way.
    init(isSingle: Bool, scale: Double = 1) {
        // 24 bits instead of 53.
        precision = isSingle ? 0x1p29 : 1
        self.scale = scale
    }

    mutating func add(_ amount: Double) {
        let scaled = amount * scale
        let total = sum + scaled
        lost += sum.magnitude >= scaled.magnitude ? (sum - total) + scaled : (scaled - total) + sum
        sum = total
        if scaled < 0 { takenAway -= scaled } else { added += scaled }
        count += 1
        isWhole = isWhole && amount == amount.rounded(.towardZero)
    }

    /// Whether nothing has overflown on the way.
    var isFinite: Bool { added.isFinite && takenAway.isFinite }

    /// The sum; infinite beyond double precision.
    var value: Double { (sum + lost) / scale }

    /// How far the sum may be from that of the numbers that were meant.
    ///
    /// With n amounts, of which P was added in all and Q taken away, that is n last places of the greater of the two. An
    /// amount is at most half a last place from the decimal that was meant: n halves. And an amount that closes a position
    /// is often the sum of others as somebody has added them up, whose every addition was rounded by at most half a last
    /// place of a running total, which is not above P or Q: n - 1 halves more. Whole numbers are not rounded at all while
    /// P and Q are within those that the format has.
    var rounding: Double {
        let lastPlace = max(added, takenAway).ulp * precision / scale
        return isWhole && lastPlace <= 1 ? 0 : count * lastPlace
    }
}
