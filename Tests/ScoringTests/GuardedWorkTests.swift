import Testing

@testable import Scoring

/// Which of two errors a run ends with, when its guardian fails and its work is stopped for it.
struct GuardedWorkTests {
    private struct GuardianFailed: Error {}
    private struct WorkFailed: Error {}

    private func run(_ afterCancellation: @escaping @Sendable () throws -> Int) async throws -> Int {
        try await guarded(by: { throw GuardianFailed() }) {
            // Until the guardian's failure has cancelled it.
            try? await Task.sleep(for: .seconds(60))
            return try afterCancellation()
        }
    }

    @Test func theFirstErrorCounts() async {
        await #expect(throws: GuardianFailed.self) { try await run { throw WorkFailed() } }
    }

    @Test func workThatSucceedsAllTheSameHasSucceeded() async throws {
        #expect(try await run { 7 } == 7)
    }

    /// The heartbeat of a run whose COMMIT is not answered may be the first to give up.
    @Test func thatTheRunMayBeLiveGoesBeforeEverything() async {
        let error = await #expect(throws: ScoringError.self) {
            try await run { throw ScoringError(.publicationUnknown, "it may be live") }
        }
        #expect(error?.code == .publicationUnknown)
    }
}
