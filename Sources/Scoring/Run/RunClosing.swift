import Configuration
import Foundation
import Postgres
import ResultStore

// How a run ends: with a heartbeat beside the work, within its time, and recorded whatever happens.
extension ScoringRun {
    /// Runs the work with a heartbeat beside it, and records how it ended if it did not end well.
    func underLease(
        _ lease: RunLease, _ control: PostgresConnection, _ body: @escaping @Sendable () async throws -> RunSummary
    ) async throws -> RunSummary {
        let heartbeat = Heartbeat(
            lease: lease, control: control, patience: configuration.timeouts.lease, progress: progress)
        do {
            return try await guarded(by: { try await heartbeat.beat() }) { try await withinRunTimeout(body) }
        } catch {
            await recordEnd(lease, error)
            throw error
        }
    }

    /// Stops the work when it takes longer than `timeouts.run`.
    func withinRunTimeout<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let timeout = configuration.timeouts.run
        return try await guarded(
            by: {
                try await Task.sleep(for: timeout)
                throw ScoringError(.runTimeout, "the run took longer than timeouts.run allows; it was stopped")
            }, body)
    }

    private func recordEnd(_ lease: RunLease, _ error: any Error) async {
        let end = RunFailure(error)
        let phase = progress.current.phase
        guard end.isRecorded else { return }
        do {
            try await installation.withSessionDespiteCancellation { session in
                try RunLog(session).end(
                    lease, because: end.reason, in: phase, message: end.message, sqlState: end.sqlState)
                try sweep(session)
            }
        } catch {
            progress.send(
                .warning("run \(lease.runID) could not be marked as \(end.status.rawValue); the next run does it"))
        }
    }

    /// What is left to do when a run has succeeded; nothing here changes its result.
    func wrapUp(_ lease: RunLease, _ summary: RunSummary) async {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            let phases = String(decoding: try encoder.encode(summary.phases), as: UTF8.self)
            try await installation.withSessionDespiteCancellation { session in
                try RunLog(session).recordPhases(lease, json: phases)
                try RunLog(session).freeSlot(of: configuration.retention.slots, after: lease)
                try sweep(session)
            }
        } catch {
            progress.send(.warning("the run succeeded, but cleaning up after it did not: \(error)"))
        }
        do {
            try await installation.withSessionDespiteCancellation { session in
                try ResultWriter(session, lease, statementTimeout: configuration.timeouts.statement).analyzeAllSlots()
            }
        } catch {
            progress.send(
                .warning("the run succeeded, but reports are planned by statistics of earlier runs: \(error)"))
        }
    }

    private func sweep(_ session: Session) throws {
        try RunLog(session, statementTimeout: configuration.timeouts.statement).sweep(
            keeping: configuration.retention.runs)
    }
}
