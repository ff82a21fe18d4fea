/// What each signal says about one recommended product: the parts of a hybrid score.
public struct SignalParts: Sendable, Hashable {
    /// By signal, in the order of `Signal.allCases`; NaN for signals that nothing is known of.
    private var values: SIMD16<Float>

    /// Parts of a score that has none, such as that of a popular product.
    init() {
        values = SIMD16(repeating: .nan)
    }

    init(_ scores: SignalScores, product: Int32) {
        self.init()
        for (place, signal) in Signal.allCases.enumerated() where !scores[signal].isEmpty {
            values[place] = Float(min(1, max(0, scores[signal][Int(product)])))
        }
    }

    /// The signals that something is known of with their scores, 0...1.
    public var known: [(signal: Signal, score: Float)] {
        Signal.allCases.enumerated().compactMap { place, signal in
            values[place].isNaN ? nil : (signal, values[place])
        }
    }
}
