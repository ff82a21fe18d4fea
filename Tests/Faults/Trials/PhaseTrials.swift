import Foundation
import Synchronization
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
                    let seconds = Mutex(0.0)
                    var finding = try await bench.disturb(ending: expected(ending, at: phase)) { testbed in
                        let (outcome, took) = try await end(ending, at: phase, testbed)
                        seconds.withLock { $0 = took }
                        return outcome
                    }
                    guard ending == .terminate else { return finding }
                    let took = seconds.withLock { $0 }
                    finding.figures["stop_s"] = took
                    if took > longestStop { finding.problems.append("it took \(took) s to stop") }
                    return finding
                }
            }
        }
    }

    /// Seconds in which a program must have stopped: what it gives a command of its own to stop.
    private static let longestStop = 5.0

    private static func expected(_ ending: Ending, at phase: String) -> ExpectedEnding {
        switch ending {
        case .kill: .signal(SIGKILL)
        // What is published stays published.
        case .terminate: phase == "published" ? .exit(0, 143) : .exit(143)
        case .disconnect, .crash, .restart: .orderly
        }
    }

    /// Ends a run, and returns how many seconds it went on after that.
    private static func end(
        _ ending: Ending, at phase: String, _ testbed: Testbed
    ) async throws -> (ChildProcess.Outcome, seconds: Double) {
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
            let start = ContinuousClock.now
            // One that is told to stop need not wait for anybody.
            if ending != .terminate { try testbed.resume() }
            return (try await child.outcome(), (ContinuousClock.now - start) / .seconds(1))
        }
    }
}
