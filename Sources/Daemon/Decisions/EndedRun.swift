import ResultStore
import Scheduling
import Scoring

/// A run of this daemon that has ended.
struct EndedRun: Sendable {
    /// The run.
    let run: QueuedRun
    /// Why it has no result; nil when it has one.
    let failure: RunFailure?

    /// What is left to do: to record the end of a run that could not do so itself, and to queue another attempt where that
    /// may succeed.
    ///
    /// - Parameters:
    ///   - isStopping: Whether the daemon is stopping, and has cancelled the run because of that.
    ///   - random: A number from 0 to 1, for the wait.
    func changes(
        overlap: Overlap, retry: DaemonSettings.Retry, isStopping: Bool, random: Double
    ) -> [QueueChange] {
        guard let failure else { return [] }
        // Another run was quicker: this one has not begun, and goes on waiting unless it is not to.
        if failure.isOverlap {
            guard run.trigger == .schedule && overlap == .skip else { return [] }
            return [.end(run.runID, because: .overlap, message: failure.message)]
        }
        if failure.mayPass {
            let delay = retry.backoff.delay(afterAttempt: run.attempt, random: random)
            // A run that did not get as far as to start is still queued.
            return [
                .postpone(run.runID, by: delay), .retry(run.runID, after: delay, attemptLimit: retry.attempts),
            ]
        }
        // Harmless if the run has started: then its end is recorded.
        let end = QueueChange.end(
            run.runID, because: failure.reason, message: failure.message, sqlState: failure.sqlState)
        // Whoever acts next is to do what this daemon has no more time for.
        return failure.isCancelled && isStopping
            ? [end, .retry(run.runID, after: .zero, attemptLimit: .max)] : [end]
    }
}
