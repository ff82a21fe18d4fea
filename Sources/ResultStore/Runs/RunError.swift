/// Why a run could not start, go on or be published.
public struct RunError: Error, Sendable, CustomStringConvertible {
    /// Kind of the error; stable, for programs.
    public enum Code: String, Sendable, CaseIterable {
        /// Another run of the channel is going on.
        case alreadyRunning
        /// The queued run is not queued any more: another daemon took it, or somebody cancelled it.
        case notQueued
        /// The run has lost its fence: another one took over, or somebody ended it in the database.
        case fenceLost
        /// Every slot is in use by a live, previous or running run.
        case noFreeSlot
        /// What was loaded is not what was sent.
        case verificationFailed
        /// There is no such run.
        case unknownRun
        /// The run's rows are not there any more, or it did not succeed.
        case notPublishable
        /// Nothing is published, or there is no run to roll back to.
        case nothingToRollBack
    }

    /// Kind of the error.
    public let code: Code
    /// What happened and what to do, in one line.
    public let message: String

    /// The message.
    public var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
