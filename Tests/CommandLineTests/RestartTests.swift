import Foundation
import TestSupport
import Testing

extension FaultTests {
    /// The server restarts, or crashes and recovers, in the middle of a run of the daemon.
    @Suite struct RestartTests {
        @Test func theDaemonGoesOnWhenTheServerIsBack() async throws {
            try await TemporaryFolder.with { folder in
                let trial = PeerfolioBinary.checkout.appendingPathComponent("Tests/CommandLineTests/try-restart.bash")
                // A server of its own, because others use the tests'.
                let outcome = try await ChildProcess.run(
                    PeerfolioBinary.checkout.appendingPathComponent("scripts/with-postgres"),
                    [trial.path, try PeerfolioBinary.url().path, folder.path], in: folder, within: .seconds(240))
                let lines = expectSuccess(outcome).split(separator: "\n").map(String.init)
                for mode in ["fast", "immediate"] {
                    for phase in ["read", "search", "write", "publish"] {
                        let fates = lines.filter { $0.hasPrefix("\(mode) \(phase)|") }.map {
                            $0.split(separator: "|", omittingEmptySubsequences: false).dropFirst().joined(
                                separator: "|")
                        }
                        // A run that the restart did not meet at work may get through; one that it met is repeated.
                        let survived = ["succeeded|1|", "published|t|0"]
                        let repeated = [
                            ["failed|1|ABANDONED", "succeeded|2|", "published|t|0"],
                            ["failed|1|DATABASE_UNAVAILABLE", "succeeded|2|", "published|t|0"],
                        ]
                        #expect(fates == survived || repeated.contains(fates), "\(mode) \(phase): \(fates)")
                    }
                }
            }
        }
    }
}
