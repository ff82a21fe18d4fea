/// What the interval of a difference says: whether it lies on one side of 0.
public enum Verdict: Sendable, Hashable {
    /// All of it is above 0.
    case better
    /// All of it is below 0.
    case worse
    /// It contains 0.
    case unclear

    /// Judges a difference.
    public init(_ difference: Estimate) {
        self = difference.low > 0 ? .better : difference.high < 0 ? .worse : .unclear
    }

    /// In words: "better", "worse", "not clearly different".
    public var words: String {
        switch self {
        case .better: "better"
        case .worse: "worse"
        case .unclear: "not clearly different"
        }
    }

    /// In words that fit before what it was compared with, such as "better than".
    public var wordsBeforeBaseline: String {
        words + (self == .unclear ? " from" : " than")
    }
}
