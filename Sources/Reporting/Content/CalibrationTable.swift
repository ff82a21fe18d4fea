public import Evaluation

/// How often suggestions came true, by score.
public struct CalibrationTable: Sendable {
    /// Suggestions with scores in one range.
    public struct Bin: Sendable {
        /// The least score.
        public var lowestScore: Double
        /// The greatest score.
        public var highestScore: Double
        /// How many suggestions.
        public var suggestions: Int
        /// Their mean score.
        public var meanScore: Double
        /// Their mean propensity, by a function that was not fitted on them.
        public var meanPropensity: Double
        /// The share that came true, with its 95% interval.
        public var observed: Estimate

        /// Creates a bin.
        public init(
            lowestScore: Double, highestScore: Double, suggestions: Int, meanScore: Double, meanPropensity: Double,
            observed: Estimate
        ) {
            self.lowestScore = lowestScore
            self.highestScore = highestScore
            self.suggestions = suggestions
            self.meanScore = meanScore
            self.meanPropensity = meanPropensity
            self.observed = observed
        }
    }

    /// The evaluation that measured it.
    public var evaluationID: Int64
    /// When that was.
    public var evaluatedAt: String
    /// The method whose scores they are.
    public var method: String
    /// Whether runs of this model write propensities.
    public var isEarned: Bool
    /// The bins, ascending by score.
    public var bins: [Bin]

    /// Creates a table.
    public init(evaluationID: Int64, evaluatedAt: String, method: String, isEarned: Bool, bins: [Bin]) {
        self.evaluationID = evaluationID
        self.evaluatedAt = evaluatedAt
        self.method = method
        self.isEarned = isEarned
        self.bins = bins
    }
}
