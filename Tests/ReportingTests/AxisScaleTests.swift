import Testing

@testable import Reporting

@Suite struct AxisScaleTests {
    @Test(arguments: [
        (0.0, 1.0, [0, 0.2, 0.4, 0.6, 0.8, 1.0], 1), (0, 0.41, [0, 0.1, 0.2, 0.3, 0.4, 0.5], 1),
        (-0.02, 0.09, [-0.025, 0, 0.025, 0.05, 0.075, 0.1], 3), (0, 29_132, [0, 10_000, 20_000, 30_000], 0),
        (0, 0, [0, 0.2], 1),
    ])
    func ticksAreRoundNumbers(least: Double, greatest: Double, expected: [Double], decimals: Int) {
        let scale = AxisScale(least, greatest)
        #expect(zip(scale.ticks, expected).allSatisfy { abs($0 - $1) < 1e-9 } && scale.ticks.count == expected.count)
        #expect(scale.decimals == decimals)
    }

    @Test func everyValueIsWithinItsAxis() {
        var random = SystemRandomNumberGenerator()
        for exponent in -6...9 {
            let magnitude = (0..<exponent.magnitude).reduce(1.0) { power, _ in exponent < 0 ? power / 10 : power * 10 }
            for _ in 0..<50 {
                let (first, second) = (
                    Double.random(in: -magnitude...magnitude, using: &random),
                    Double.random(in: -magnitude...magnitude, using: &random)
                )
                let scale = AxisScale(first, second)
                #expect(scale.low <= min(first, second) + 1e-8 * magnitude, "\(first), \(second)")
                #expect(scale.high >= max(first, second) - 1e-8 * magnitude, "\(first), \(second)")
                #expect((2...12).contains(scale.ticks.count), "\(first), \(second)")
            }
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func whatIsNotANumberDoesNoHarm(_ value: Double) {
        let scale = AxisScale(value, value)
        #expect(scale.low.isFinite && scale.high > scale.low && scale.step > 0)
        #expect(AxisScale(around: [value, 0.3]).high == AxisScale(around: [0.3]).high)
        #expect((0...1).contains(scale.position(value)))
    }
}
