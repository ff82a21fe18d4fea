import TestSupport
import Testing

@testable import Recommending

/// Counting digits, against sorting by comparison.
@Suite struct ScoreOrderTests {
    /// How scores are spread: evenly, few values, next to each other, over all magnitudes, or all but one close together.
    private enum Spread: CaseIterable {
        case even, few, close, wide, cluster

        func score(using random: inout SeededGenerator) -> Double {
            switch self {
            case .even: .random(in: 0x1p-53...1, using: &random)
            case .few: Double(Int.random(in: 1...5, using: &random)) / 5
            case .close: Double(bitPattern: (0.3).bitPattern + .random(in: 0..<1000, using: &random))
            case .wide: Double(bitPattern: .random(in: 1...(1.0).bitPattern, using: &random))
            case .cluster:
                Int.random(in: 0..<100, using: &random) == 0
                    ? .leastNonzeroMagnitude
                    : Double(bitPattern: (0.3).bitPattern + .random(in: 0..<50, using: &random))
            }
        }
    }

    @Test(arguments: 0..<40) func descendingAndStable(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        // Memory is used again, whatever the sizes are.
        var order = ScoreOrder()
        for count in [0, 1, 2, 30, 127, 128, 129, 1000, 3, 5000] {
            for spread in Spread.allCases {
                order.removeAll()
                let products = (0..<Int32(count)).shuffled(using: &random)
                let scores = products.map { _ in spread.score(using: &random) }
                for (product, score) in zip(products, scores) { order.append(product, score: score) }
                let expected = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
                let sorted = order.sorted()
                #expect(sorted.map(\.product) == expected.map { products[$0] }, "\(count) \(spread)")
                #expect(sorted.map(\.score) == expected.map { scores[$0] }, "\(count) \(spread)")
            }
        }
    }
}
