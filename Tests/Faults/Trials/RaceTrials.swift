import Foundation
import Holdings
import Synchronization
import TestSupport

/// Reports read as fast as they can while runs are published without a pause (R5).
enum RaceTrials {
    private static let wanted = 100_000
    /// More than twice what the reads take on two busy cores.
    private static let patience = Duration.seconds(240)

    static var all: [Trial] {
        Monitor.Style.allCases.map { style in
            Trial("race@\(style.rawValue)", place: .machine) { bench in
                try await race(style, readers: 3, wanted: wanted, within: patience, bench)
            }
        } + [
            Trial("race@quick", tier: .quick, place: .machine) { bench in
                try await race(nil, readers: 1, wanted: 5000, within: .seconds(60), bench)
            }
        ]
    }

    /// Publishes run after run, by a run, by hand and by a rollback, until there have been reads enough.
    private static func race(
        _ style: Monitor.Style?, readers: Int, wanted: Int, within patience: Duration, _ bench: Bench
    ) async throws -> Trial.Finding {
        let testbed = bench.testbed
        var contract = Monitor.Contract(testbed)
        // The rows of the live run, and that they are of one run, as cheaply as can be read.
        contract.sight = Monitor.Contract.sight(checksum: "null")
        contract.manifest = "select recommendations, null from peerfolio.runs where run_id = $1"
        let styles = style.map { [Monitor.Style](repeating: $0, count: readers) } ?? Monitor.Style.allCases
        let end = ContinuousClock.now + patience
        let (publications, reads) = try await Monitor.watching(contract, styles, pause: .zero) { progress in
            var publications = 0
            while progress().reads < wanted, ContinuousClock.now < end {
                for arguments in [["run"], ["rollback"], ["rollback"]] {
                    let outcome = try await testbed.run(arguments: arguments)
                    guard outcome.ending == .exit(0) else { throw Failure("\(arguments): \(outcome.errors)") }
                    publications += 1
                }
            }
            return publications
        }
        var finding = Trial.Finding(problems: reads.problems, reads: reads)
        if reads.reads < wanted { finding.problems.append("only \(reads.reads) reads within \(patience)") }
        finding.figures = ["publications": Double(publications), "longest_read_ms": reads.longest]
        return finding
    }
}
