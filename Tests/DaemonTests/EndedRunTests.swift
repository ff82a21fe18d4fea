import Postgres
import Scheduling
import Testing

@testable import Daemon
@testable import ResultStore
@testable import Scoring

@Suite("What becomes of a run that has ended")
struct EndedRunTests {
    private static let lost = PostgresError(code: .connectionLost, message: "lost")
    private static let busy = RunError(.alreadyRunning, "run 1 is going on")

    private func changes(
        _ error: (any Error)?, _ trigger: RunTrigger = .request, attempt: Int = 1, overlap: Overlap = .skip,
        isStopping: Bool = false, random: Double = 1
    ) -> [QueueChange] {
        EndedRun.of(.of(4, trigger, attempt: attempt), error)
            .changes(overlap: overlap, retry: .sample, isStopping: isStopping, random: random)
    }

    @Test(arguments: [true, false])
    func nothingIsLeftToDoWithAResult(isStopping: Bool) {
        #expect(changes(nil, isStopping: isStopping) == [])
    }

    // MARK: Transient failures

    @Test(arguments: [
        lost,
        PostgresError(code: .server, message: "deadlock", sqlState: "40P01"),
        PostgresError(code: .server, message: "too many connections", sqlState: "53300"),
        PostgresError(code: .server, message: "shutting down", sqlState: "57P01"),
        PostgresError(code: .server, message: "read-only standby", sqlState: "25006"),
        PostgresError(code: .commitOutcomeUnknown, message: "may have committed"),
    ])
    func isTriedAgain(error: PostgresError) {
        #expect(
            changes(error) == [
                // Only one of them does anything: the run is still queued, or has failed.
                .postpone(4, by: .seconds(60)), .retry(4, after: .seconds(60), attemptLimit: 3),
            ])
    }

    @Test(arguments: [(1, 60), (2, 120), (4, 480), (5, 900), (50, 900)])
    func waitsLongerAfterEachAttempt(attempt: Int, seconds: Int) {
        #expect(changes(Self.lost, attempt: attempt).first == .postpone(4, by: .seconds(seconds)))
        #expect(changes(Self.lost, attempt: attempt, random: 0).first == .postpone(4, by: .seconds(seconds) / 2))
    }

    /// A daemon that stops leaves the next attempt to whoever acts next, not sooner than otherwise.
    @Test func waitsWhileStoppingToo() {
        #expect(changes(Self.lost, isStopping: true) == changes(Self.lost))
    }

    // MARK: What would fail again

    @Test(arguments: [
        (ScoringError(.dataRefused, "why"), RunReason.dataRefused),
        (ScoringError(.rightsMissing, "why"), .rightsMissing),
        (ScoringError(.runTimeout, "why"), .runTimeout),
        (ScoringError(.noChange, "why"), .noChange),
        (ScoringError(.staleSource, "why"), .staleSource),
        (ScoringError(.cancelRequested, "why"), .cancelRequested),
    ])
    func isNotTriedAgain(error: ScoringError, reason: RunReason) {
        for isStopping in [false, true] {
            #expect(
                changes(error, isStopping: isStopping)
                    == [.end(4, because: reason, message: "why")])
        }
    }

    // MARK: Another run was quicker

    @Test(arguments: [
        (RunTrigger.schedule, Overlap.skip, true), (.schedule, .queue, false), (.catchUp, .skip, false),
        (.request, .skip, false), (.notify, .skip, false),
    ])
    func isSkippedOrWaits(trigger: RunTrigger, overlap: Overlap, isSkipped: Bool) {
        #expect(
            changes(Self.busy, trigger, overlap: overlap)
                == (isSkipped
                    ? [.end(4, because: .overlap, message: "run 1 is going on")] : []))
    }

    // MARK: Cancelled at the shutdown

    @Test func isQueuedAgainForWhoeverActsNext() {
        let end = QueueChange.end(4, because: .cancelled, message: "the run was cancelled")
        #expect(
            // However many attempts there were: this one was not its fault.
            changes(CancellationError(), attempt: 3, isStopping: true)
                == [end, .retry(4, after: .zero, attemptLimit: .max)])
        #expect(changes(CancellationError()) == [end])
    }
}
