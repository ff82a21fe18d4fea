import Postgres
import ResultStore

/// Gives signs of life for a run, over a connection of its own.
struct Heartbeat: Sendable {
    let lease: RunLease
    let control: PostgresConnection
    /// The silence after which others take the run for dead.
    let patience: Duration
    let progress: RunProgress

    /// Gives a sign of life several times per lease, until cancelled.
    ///
    /// - Throws: `ScoringError.cancelRequested` when somebody wants the run to stop; `RunError.fenceLost` when another run has taken over; `PostgresError` when the connection is lost, by
    ///   which others know a dead run, or when the server refused every beat for half of the lease.
    func beat() async throws {
        let clock = ContinuousClock()
        var lastBeat = clock.now
        while !Task.isCancelled {
            try? await Task.sleep(for: min(patience / 6, .seconds(5)))
            if Task.isCancelled { return }
            let now = progress.current
            do {
                let canceller = try await control.withSession { session in
                    try RunLog(session).heartbeat(lease, phase: now.phase, done: now.done, total: now.total)
                }
                if let canceller, !progress.current.phase.isFinal {
                    throw ScoringError(.cancelRequested, "the run was cancelled by \(canceller)")
                }
                lastBeat = clock.now
            } catch let error as RunError where error.code == .fenceLost && progress.current.phase.isFinal {
                // The run has just ended by its own hand, perhaps while this beat was on its way: what comes afterwards,
                // such as the comparison with the run before, must not be stopped.
                return
            } catch let error as PostgresError
                where error.code == .server && error.isRetryable && clock.now - lastBeat < patience / 2
            {
                // A lock or a full server, which may pass before anybody misses us.
                continue
            } catch is CancellationError {
                return
            }
        }
    }
}
