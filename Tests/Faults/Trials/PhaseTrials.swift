import Foundation
import TestSupport

/// A run, or what it needs, ends at each phase (catalogue 1 to 5).
///
/// The debug build waits at a phase until the fault has happened.
enum PhaseTrials {
    /// How it ends.
    enum Ending: String, CaseIterable {
        /// The process, without a word.
        case kill
        /// The process, asked to stop.
        case terminate
        /// Its sessions, by an administrator.
        case disconnect
        /// The server, which then recovers.
        case crash
        /// The server, in order.
        case restart
    }

    static let phases = ["started", "read", "encode", "search", "write", "check", "publish", "published"]

    static var all: [Trial] {
        Ending.allCases.flatMap { ending in
            phases.map { phase in
                // Every ending and every phase occurs in the quick tier.
                let isQuick = phase == "publish" || (phase == "write" && ending == .kill) || ending == .disconnect
                return Trial("\(ending.rawValue)@\(phase)", tier: isQuick ? .quick : .full) { bench in
                    try await bench.disturb { try await end(ending, at: phase, $0) }
                }
            }
        }
    }

    private static func end(
        _ ending: Ending, at phase: String, _ testbed: Testbed
    ) async throws -> ChildProcess.Outcome {
        try await testbed.withRunning(["run"], pausedAt: phase) { child in
            switch ending {
            case .kill: await child.send(SIGKILL)
            case .terminate: await child.send(SIGTERM)
            case .disconnect:
                try await testbed.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where usename = '\(Testbed.serviceRole)'")
            case .crash: try await testbed.cluster.restart(.immediate)
            case .restart: try await testbed.cluster.restart(.fast)
            }
            try testbed.resume()
            let outcome = try await child.outcome(within: .seconds(60))
            testbed.evidence.search(outcome, of: "run")
            return outcome
        }
    }
}
