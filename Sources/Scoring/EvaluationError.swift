/// Why there is nothing to evaluate.
public struct EvaluationError: Error, Sendable, CustomStringConvertible {
    /// Kind of the error; stable, for programs.
    public enum Code: String, Sendable {
        /// Dates in the wrong order, of holdings without dates, or outside the calendar.
        case dates
        /// Nobody has added anything that could have been found.
        case noTruth
        /// The role may not store figures.
        case rights
        /// Weights are to be tuned and there is nothing to tune them on.
        case nothingToTuneOn
    }

    /// Kind of the error.
    public let code: Code
    /// What happened and what to do, in one line, without data.
    public let message: String

    /// The message.
    public var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
