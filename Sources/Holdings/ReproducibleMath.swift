/// Logarithm and exponential that give the same bits on every machine.
///
/// A platform's own need not: glibc picks, when a program starts, between code with and without fused multiply-add, and
/// the two differ in the last bit, as versions and architectures do. IEEE 754 leaves nothing open about + - × ÷, and
/// nothing else is used here; Swift fuses none of them unless asked to.
///
/// The methods and the coefficients are those of fdlibm (Sun Microsystems, 1993; `e_log.c`, `e_exp.c`, `s_log1p.c`), in
/// the order of operations of musl's versions. Errors are below 1 ulp: at most 0.86 ulp for ``log(_:)``, 0.92 for
/// ``exp(_:)`` and 0.85 for ``log1p(_:)`` were seen in 40 million arguments of each of several ranges.
package enum ReproducibleMath {
    /// The part of ln 2 in 33 bits, so that its product with an exponent is exact, and the rest.
    private static let ln2High = Double(bitPattern: 0x3FE6_2E42_FEE0_0000)
    private static let ln2Low = Double(bitPattern: 0x3DEA_39EF_3579_3C76)
    private static let log2e = Double(bitPattern: 0x3FF7_1547_652B_82FE)

    /// The natural logarithm of x.
    ///
    /// - Returns: -∞ for 0, NaN below, +∞ for +∞, NaN for NaN.
    package static func log(_ x: Double) -> Double {
        if x == 0 { return -.infinity }
        if x < 0 { return .nan }
        guard x.isFinite else { return x }
        // A subnormal number is brought into the range where the exponent is in its bits.
        let isSubnormal = x < .leastNormalMagnitude
        let (exponent, fraction) = split(isSubnormal ? x * 0x1p54 : x)
        return log(fraction: fraction, exponent: isSubnormal ? exponent - 54 : exponent, correction: 0)
    }

    /// The natural logarithm of 1 + x, as exact where x is small.
    ///
    /// - Returns: x for ±0, -∞ for -1, NaN below, +∞ for +∞, NaN for NaN.
    package static func log1p(_ x: Double) -> Double {
        if x == -1 { return -.infinity }
        if x < -1 { return .nan }
        guard x.isFinite else { return x }
        // The square of x, of which half is to be taken off, is below half an ulp.
        if x.magnitude < 0x1p-53 { return x }
        // √½ < 1 + x < √2, about: nothing is added that could be lost.
        if x > -0x1.2bec4p-2, x < 0x1.a827ap-2 { return log(fraction: x, exponent: 0, correction: 0) }
        let sum = 1 + x
        let (exponent, fraction) = split(sum)
        // What was lost of 1 or of x by adding them, in terms of the logarithm; nothing of 1 is left beyond 2^54.
        let lost = exponent >= 2 ? 1 - (sum - x) : x - (sum - 1)
        return log(fraction: fraction, exponent: exponent, correction: exponent < 54 ? lost / sum : 0)
    }

    /// e to the power of x.
    ///
    /// - Returns: +∞ above 709.78, 0 below -745.13, subnormal numbers from -708.4 on; NaN for NaN.
    package static func exp(_ x: Double) -> Double {
        if x.isNaN { return x }
        if x > 0x1.62e42fefa39efp+9 { return .infinity }
        if x < -0x1.74910d52d3051p+9 { return 0 }
        if x.magnitude < 0x1p-28 { return 1 + x }
        // x = k ln 2 + r with r within half of ln 2.
        var (k, high, low) = (0, x, 0.0)
        if x.magnitude > 0x1.62e42p-2 {
            k = Int(log2e * x + (x < 0 ? -0.5 : 0.5))
            high = x - Double(k) * ln2High
            low = Double(k) * ln2Low
        }
        let r = high - low
        // Remez coefficients of r (e^r + 1) / (e^r - 1) = 2 + r²/6 - r⁴/360 ...
        let z = r * r
        let c =
            r - z
            * (Double(bitPattern: 0x3FC5_5555_5555_553E) + z
                * (Double(bitPattern: 0xBF66_C16C_16BE_BD93) + z
                    * (Double(bitPattern: 0x3F11_566A_AF25_DE2C) + z
                        * (Double(bitPattern: 0xBEBB_BD41_C5D2_6BF1) + z * Double(bitPattern: 0x3E66_3769_72BE_A4D0)))))
        return scaled(1 + (r * c / (2 - c) - low + high), by: k)
    }

    /// A number times 2^k, rounded once.
    private static func scaled(_ y: Double, by k: Int) -> Double {
        // 2^1024 is out of range by itself, and so is 2^k below -1022.
        if k > 1023 { return y * 0x1p1023 * 2 }
        if k < -1021 { return y * powerOfTwo(k + 1000) * 0x1p-1000 }
        return y * powerOfTwo(k)
    }

    private static func powerOfTwo(_ k: Int) -> Double {
        Double(bitPattern: UInt64(1023 + k) << 52)
    }

    /// A normal number as 2^k (1 + f), with 1 + f between √½ and √2.
    private static func split(_ x: Double) -> (exponent: Int, fraction: Double) {
        // The upper half of the bits of √½ and what lies between it and 1.
        let shifted = x.bitPattern &+ (0x3FF0_0000_0000_0000 - 0x3FE6_A09E_0000_0000)
        let exponent = Int(shifted >> 52) - 1023
        let bits = (shifted & 0x000F_FFFF_FFFF_FFFF) &+ 0x3FE6_A09E_0000_0000
        return (exponent, Double(bitPattern: bits) - 1)
    }

    /// k ln 2 + ln(1 + f) + c.
    private static func log(fraction f: Double, exponent k: Int, correction c: Double) -> Double {
        let halfSquare = 0.5 * f * f
        // Remez coefficients of ln((1 + s) / (1 - s)) = 2s + s (2/3 s² + 2/5 s⁴ ...)
        let s = f / (2 + f)
        let z = s * s
        let w = z * z
        let even =
            w
            * (Double(bitPattern: 0x3FD9_9999_9997_FA04) + w
                * (Double(bitPattern: 0x3FCC_71C5_1D8E_78AF) + w * Double(bitPattern: 0x3FC3_9A09_D078_C69F)))
        let odd =
            z
            * (Double(bitPattern: 0x3FE5_5555_5555_5593) + w
                * (Double(bitPattern: 0x3FD2_4924_9422_9359) + w
                    * (Double(bitPattern: 0x3FC7_4664_96CB_03DE) + w * Double(bitPattern: 0x3FC2_F112_DF3E_5244))))
        let k = Double(k)
        return s * (halfSquare + (odd + even)) + (k * ln2Low + c) - halfSquare + f + k * ln2High
    }
}
