package import Recommending

extension HybridModel {
    /// The weights as the section `hybrid` of a configuration file, those that are 0 included.
    package var yaml: String {
        let weights = Signal.weighted.map { ($0.rawValue, self.weights[$0] ?? 0) } + [("recency", recency)]
        return weights.reduce("hybrid:\n") { "\($0)  \($1.0): \(ValueFormat<Double>.shortest($1.1))\n" }
    }
}
