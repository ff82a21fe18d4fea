import Foundation
import Synchronization
import TestSupport

/// Reports read as fast as they can while runs are published without a pause (R5).
enum RaceTrials {
    private static let wanted = 100_000

    static var all: [Trial] {
        Monitor.Style.allCases.map { style in
            Trial("race@\(style.rawValue)", place: .machine) { bench in
                try await race(style, readers: 3, bench) { $0 >= wanted }
            }
        } + [
            Trial("race@quick", tier: .quick, place: .machine) { bench in
                let end = ContinuousClock.now + .seconds(6)
                return try await race(nil, readers: 1, bench) { _ in ContinuousClock.now >= end }
            }
        ]
    }

    /// Publishes run after run, by a run, by hand and by a rollback, until there have been reads enough.
    private static func race(
        _ style: Monitor.Style?, readers: Int, _ bench: Bench, until isEnough: @Sendable (Int) -> Bool
    ) async throws -> Trial.Finding {
        let testbed = bench.testbed
        var contract = Monitor.Contract(testbed)
        // The rows of the live run, and that they are of one run, as cheaply as can be read.
        contract.sight = "select count(*), min(run_id), max(run_id), null from peerfolio_bi.recommendations"
        contract.manifest = "select recommendations, null from peerfolio.runs where run_id = $1"
        let styles = style.map { [Monitor.Style](repeating: $0, count: readers) } ?? Monitor.Style.allCases
        let (publications, reads) = try await Monitor.watching(contract, styles, pause: .zero) { progress in
            var publications = 0
            while !isEnough(progress().reads) {
                for arguments in [["run"], ["rollback"], ["rollback"]] {
                    let outcome = try await testbed.run(arguments: arguments)
                    guard outcome.ending == .exit(0) else { throw Failure("\(arguments): \(outcome.errors)") }
                    publications += 1
                }
            }
            return publications
        }
        var finding = Trial.Finding(reads: reads)
        finding.problems = Array(reads.wrong.uniqued().prefix(5))
        finding.figures = ["publications": Double(publications), "longest_read_ms": reads.longest]
        return finding
    }
}
