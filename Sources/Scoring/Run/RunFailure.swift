public import ResultStore

/// What the end of a run without a result means to whoever started it.
public struct RunFailure: Sendable {
    /// What the run log says, or is to say.
    public let status: RunStatus
    /// Why, as a stable code.
    public let reasonCode: String
    /// Why, in words, without data.
    public let message: String
    /// Whether another attempt may succeed: the database could not be used, and nothing is wrong with data or
    /// configuration.
    public let mayPass: Bool
    /// Whether the run did not start because another one is going on.
    public let isOverlap: Bool

    /// Whether the run was skipped on purpose.
    public var isSkip: Bool { status == .skipped }
    /// Whether somebody stopped the run.
    public var isCancelled: Bool { status == .cancelled && reasonCode == "CANCELLED" }

    /// Looks into an error.
    public init(_ error: any Error) {
        let end = RunEnd(error)
        status = end.status
        reasonCode = end.reasonCode
        message = end.message
        isOverlap = (error as? RunError)?.code == .alreadyRunning
        mayPass = end.mayPass
    }
}
