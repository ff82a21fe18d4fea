import Foundation
import Holdings
import TestSupport
import Testing

/// Functions that give the same bits on every machine, and within 1 ulp of the truth.
@Suite struct ReproducibleMathTests {
    /// A function with the platform's own, and arguments from where it is used, and from everywhere.
    enum Function: CaseIterable {
        case log, log1p, exp

        func callAsFunction(_ x: Double) -> Double {
            switch self {
            case .log: ReproducibleMath.log(x)
            case .log1p: ReproducibleMath.log1p(x)
            case .exp: ReproducibleMath.exp(x)
            }
        }

        func ofPlatform(_ x: Double) -> Double {
            switch self {
            case .log: Foundation.log(x)
            case .log1p: Foundation.log1p(x)
            case .exp: Foundation.exp(x)
            }
        }

        var table: [(x: UInt64, y: UInt64)] {
            switch self {
            case .log: HighPrecisionValues.log
            case .log1p: HighPrecisionValues.log1p
            case .exp: HighPrecisionValues.exp
            }
        }

        func argument(using random: inout SeededGenerator) -> Double {
            // Made of bits, since the algorithm of `random(in:)` may change.
            func between(_ low: Double, _ high: Double) -> Double {
                low + (high - low) * (Double(random.next() >> 11) * 0x1p-53)
            }
            return switch (self, random.next() % 4) {
            case (.log, 0): between(1e-3, 1.001)
            case (.log, 1): between(0.5, 2)
            case (.log1p, 0): between(-0.35, 0.5)
            case (.log1p, 1): between(0, 1e6)
            case (.exp, 0): between(-7, 0.1)
            case (.exp, 1): between(-750, 715)
            case (.exp, 2): between(-745.2, -708)
            default: Double(bitPattern: random.next())
            }
        }
    }

    @Test(arguments: Function.allCases) func agreesWithHighPrecision(function: Function) {
        for (x, y) in function.table {
            let (x, y) = (Double(bitPattern: x), Double(bitPattern: y))
            #expect(Self.steps(function(x), y) <= 1, "\(function) of \(x): \(function(x)), not \(y)")
        }
    }

    /// Both are next to the true result, so they are next to each other or the same.
    @Test(arguments: Function.allCases) func agreesWithThePlatform(function: Function) {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<200_000 {
            let x = function.argument(using: &random)
            let (ours, theirs) = (function(x), function.ofPlatform(x))
            if theirs.isNaN ? !ours.isNaN : Self.steps(ours, theirs) > 1 {
                Issue.record("\(function) of \(x): \(ours), not \(theirs)")
            }
        }
    }

    /// The bits of many results, as they have to be on every machine.
    @Test(
        arguments: zip(
            Function.allCases,
            [13_276_491_196_561_488_782, 13_847_059_421_009_933_401, 10_153_953_344_777_254_935] as [UInt64]))
    func sameBitsEverywhere(function: Function, expected: UInt64) {
        var random = SeededGenerator(seed: 2)
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for _ in 0..<100_000 {
            let result = function(function.argument(using: &random))
            // Which bits a NaN has is left open.
            hash = (hash ^ (result.isNaN ? 1 : result.bitPattern)) &* 0x100_0000_01B3
        }
        #expect(hash == expected)
    }

    @Test func specialValues() {
        let (log, log1p, exp) = (ReproducibleMath.log, ReproducibleMath.log1p, ReproducibleMath.exp)
        #expect(log(0) == -.infinity && log(-0.0) == -.infinity)
        #expect(log(-1).isNaN && log(-.leastNonzeroMagnitude).isNaN && log(-.infinity).isNaN && log(.nan).isNaN)
        #expect(log(1) == 0 && log(1).sign == .plus && log(.infinity) == .infinity)
        #expect(log1p(0).sign == .plus && log1p(-0.0).sign == .minus && log1p(0) == 0 && log1p(-0.0) == 0)
        #expect(log1p(-1) == -.infinity && log1p(.infinity) == .infinity)
        #expect(log1p((-1.0).nextDown).isNaN && log1p(-.infinity).isNaN && log1p(.nan).isNaN && log1p(-.nan).isNaN)
        for tiny in [Double.leastNonzeroMagnitude, .leastNormalMagnitude, 1e-17] {
            #expect(log1p(tiny) == tiny && log1p(-tiny) == -tiny && exp(tiny) == 1 && exp(-tiny) == 1)
        }
        #expect(exp(0) == 1 && exp(-0.0) == 1 && exp(.infinity) == .infinity && exp(-.infinity) == 0)
        #expect(exp(.nan).isNaN && exp(-.nan).isNaN)
        // The last argument with a finite result, and the last with one above 0.
        let (greatest, least) = (0x1.62e42fefa39efp+9, -0x1.74910d52d3051p+9)
        #expect(exp(greatest).isFinite && exp(greatest.nextUp) == .infinity)
        #expect(exp(least) == .leastNonzeroMagnitude && exp(least.nextDown) == 0)
        #expect(exp(.greatestFiniteMagnitude) == .infinity && exp(-.greatestFiniteMagnitude) == 0)
    }

    /// How many numbers lie from one to the other.
    private static func steps(_ left: Double, _ right: Double) -> UInt64 {
        func place(_ x: Double) -> Int64 {
            let bits = Int64(bitPattern: x.bitPattern)
            return bits < 0 ? .min &- bits : bits
        }
        return (place(left) &- place(right)).magnitude
    }
}
