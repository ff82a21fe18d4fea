import Foundation
import Testing

extension FaultTests {
    /// Publishing and rolling back while reports read.
    @Suite(.serialized) struct PublishRaceTests {
        @Test func reportsSeeWholeRunsAndHoldNobodyUp() async throws {
            try await Installation.withDemo { installation in
                // Runs of different length, so that a mixture would show.
                let runIDs = try await Self.run(["5", "3", "4"], installation)
                let styles: [ReportReaders.Style] =
                    [.simple, .simple, .simple, .prepared, .prepared, .prepared, .repeatableRead, .repeatableRead]
                    + [ReportReaders.Style](repeating: .cursor, count: 5)
                let seen = try await ReportReaders.reading(installation, styles, pause: .zero) {
                    let waits = Task { try await Self.countLockWaits(installation) }
                    for flip in 0..<12 {
                        // A publish that had to wait for a report would end at its lock_timeout with 75.
                        let next = runIDs[flip / 2 % 2]
                        let outcome =
                            flip % 2 == 0
                            ? try await installation.peerfolio("publish", next)
                            : try await installation.peerfolio("rollback")
                        expectSuccess(outcome)
                    }
                    waits.cancel()
                    #expect(try await waits.value == 0)
                }
                #expect(Set(seen.keys.map(String.init)).isSubset(of: runIDs) && seen.count >= 2)
                #expect(seen.values.reduce(0, +) >= 100)
            }
        }

        private static func run(_ lengths: [String], _ installation: Installation) async throws -> [String] {
            var runIDs: [String] = []
            for length in lengths {
                _ = try await installation.succeed("run", "--set", "output.top_n=\(length)")
                runIDs.append(try await installation.value("select live_run_id from peerfolio.publication"))
            }
            return runIDs
        }

        /// Looks again and again for a session that waits for a lock, until cancelled.
        private static func countLockWaits(_ installation: Installation) async throws -> Int {
            var waits = 0
            while !Task.isCancelled {
                // In a task of its own, since a cancelled one may not use a connection.
                waits += try await Task {
                    Int(
                        try await installation.value(
                            """
                            select count(*) from pg_stat_activity
                            where datname = current_database() and wait_event_type = 'Lock'
                            """)) ?? 0
                }.value
            }
            return waits
        }
    }
}
