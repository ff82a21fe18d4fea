/// A figure with the interval that covers it in 95 of 100 cases.
public struct Estimate: Sendable, Hashable, Codable {
    /// The figure itself.
    public let value: Double
    /// Lower end of the interval.
    public let low: Double
    /// Upper end of the interval.
    public let high: Double

    /// Creates an estimate.
    public init(value: Double, low: Double, high: Double) {
        self.value = value
        self.low = low
        self.high = high
    }

    /// A figure with the percentile interval of its replicates: from the 2.5th to the 97.5th percentile.
    ///
    /// - Parameter replicates: The figure of each resample; without any, the interval is the figure itself.
    init(value: Double, replicates: [Double]) {
        let sorted = replicates.sorted()
        func quantile(_ share: Double) -> Double {
            guard let last = sorted.indices.last else { return value }
            let position = share * Double(last)
            let below = Int(position)
            let above = min(below + 1, last)
            return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
        }
        self.init(value: value, low: quantile(0.025), high: quantile(0.975))
    }
}
