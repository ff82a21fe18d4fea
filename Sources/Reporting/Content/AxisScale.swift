import Foundation

/// An axis with round numbers at its ticks.
///
/// Steps are 1, 2, 2.5 or 5 times a power of ten, after P. Heckbert, "Nice Numbers for Graph Labels", Graphics Gems, 1990.
struct AxisScale: Sendable {
    /// Where the axis begins: a tick, not above the least value.
    let low: Double
    /// Where the axis ends: a tick, not below the greatest value, and above ``low``.
    let high: Double
    /// The distance between ticks, above 0.
    let step: Double

    /// Fits an axis to values.
    ///
    /// - Parameters:
    ///   - least: The least value. Infinite values and NaN count as 0.
    ///   - greatest: The greatest value; may be the same.
    ///   - tickCount: How many steps there are about, at least 1.
    init(_ least: Double, _ greatest: Double, tickCount: Int = 5) {
        let first = least.isFinite ? least : 0
        let last = greatest.isFinite ? greatest : 0
        let (bottom, top) = (min(first, last), max(first, last))
        // Without a spread there is still an axis: from the value to the next round number.
        let span = top > bottom ? top - bottom : max(abs(top), 1)
        let rough = span / Double(max(1, tickCount))
        let power = pow(10, floor(log10(rough)))
        let step = [1, 2, 2.5, 5, 10].map { $0 * power }.first { $0 >= rough * (1 - 1e-9) } ?? 10 * power
        self.step = step
        low = floor(bottom / step + 1e-9) * step
        let end = ceil(top / step - 1e-9) * step
        high = end > low ? end : low + step
    }

    /// Fits an axis to several values, 0 included.
    init(around values: [Double], tickCount: Int = 5) {
        let finite = values.filter(\.isFinite)
        self.init(min(0, finite.min() ?? 0), max(0, finite.max() ?? 0), tickCount: tickCount)
    }

    /// The values at the ticks, ascending.
    var ticks: [Double] {
        (0...Int(((high - low) / step).rounded())).map { low + Double($0) * step }
    }

    /// Decimals that tell the ticks apart.
    var decimals: Int {
        (0...9).first { decimals in
            let scaled = step * pow(10, Double(decimals))
            return abs(scaled - scaled.rounded()) < 1e-6 * scaled
        } ?? 9
    }

    /// Where a value lies between both ends, 0...1; values beyond an end are at that end.
    func position(_ value: Double) -> Double {
        guard value.isFinite else { return 0 }
        return min(1, max(0, (value - low) / (high - low)))
    }
}
