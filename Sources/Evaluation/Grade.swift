/// What a run's lists are worth against popularity, by its own backtest.
public enum Grade: String, Sendable, Hashable, Codable {
    /// Better: the whole interval of the difference in nDCG@10 is above 0.
    case better = "A"
    /// Not worse: the interval contains 0.
    case notWorse = "B"
    /// Worse: the whole interval is below 0.
    case worse = "C"

    /// The fewest tested clients that a grade can be based on: an interval of fewer says little.
    public static let leastClients = 100

    /// Grades a model.
    ///
    /// - Returns: Nothing when too few clients were tested.
    public init?(_ table: QualityTable, of method: EvaluationMethod) {
        guard table.clients >= Self.leastClients,
            let difference = table.difference(method, against: .popularity)?.metrics[.primary]
        else { return nil }
        switch Verdict(difference) {
        case .better: self = .better
        case .worse: self = .worse
        case .unclear: self = .notWorse
        }
    }
}
