/// How the scores of a run's suggestions are distributed, by the reason for the suggestion.
public struct ScoreHistogram: Sendable {
    /// Bins of every series.
    public static let binCount = 24

    /// The suggestions with one reason.
    public struct Series: Sendable {
        /// `PEERS`, `COMPONENTS` or `POPULAR`.
        public var reasonCode: String
        /// Suggestions per bin, as many as there are bins.
        public var counts: [Int]

        /// Creates a series.
        public init(reasonCode: String, counts: [Int]) {
            self.reasonCode = reasonCode
            self.counts = counts
        }

        /// All suggestions of the series.
        var total: Int { counts.reduce(0, +) }
    }

    /// Where the last bin ends; all bins are equally wide, and the first begins at 0.
    public var upperBound: Double
    /// The series, the one with the most suggestions first.
    public var series: [Series]

    /// Creates a histogram.
    ///
    /// - Parameters:
    ///   - upperBound: Where the last bin ends, above 0.
    ///   - counts: Suggestions per bin, by reason code.
    public init(upperBound: Double, counts: [String: [Int]]) {
        self.upperBound = upperBound
        series = counts.map { Series(reasonCode: $0.key, counts: $0.value) }
            .sorted { ($1.total, $0.reasonCode) < ($0.total, $1.reasonCode) }
    }

    /// A round number not below the greatest score: where the bins are to end.
    public static func upperBound(forGreatest score: Double) -> Double {
        AxisScale(0, min(1, max(score, 0.01))).high
    }

    /// Where a bin begins.
    func lowerEdge(ofBin bin: Int) -> Double { upperBound * Double(bin) / Double(Self.binCount) }
}
