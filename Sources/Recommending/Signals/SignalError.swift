/// Why a signal cannot be computed.
public enum SignalError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The matrix of EASE has no inverse.
    case singularMatrix
    /// Training a softmax model did not come to its end within these rounds.
    case unfinishedTraining(iterations: Int)

    /// What happened and what to do.
    public var description: String {
        switch self {
        case .singularMatrix:
            "evaluate.ease_lambda is too small: the matrix of EASE has no inverse; the default, 500, suits most warehouses"
        case .unfinishedTraining(let iterations):
            "training the softmax model did not come to its end in \(iterations) rounds; set hybrid.softmax to 0"
        }
    }
}
