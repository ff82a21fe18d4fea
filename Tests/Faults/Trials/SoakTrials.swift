import Foundation
import TestSupport

/// Run after run with a random fault in each, for as long as one likes (R23).
enum SoakTrials {
    static func all(runs: Int, _ bench: Bench) async throws -> [Trial] {
        let messageCount = try await CutTrials.messages(of: bench.testbed).count
        var generator = SeededGenerator(seed: bench.seed)
        return (1...max(1, runs)).map { number in
            let choice = Int.random(in: 0..<10, using: &generator)
            let point = Int.random(in: 1...messageCount, using: &generator)
            let delay = Duration.milliseconds(Int.random(in: 0...160, using: &generator))
            return Trial("soak@\(number)", tier: .quick) { bench in
                try await bench.disturb { testbed in
                    switch choice {
                    // Most runs meet nothing, as in life, so that slots fill and old runs are swept.
                    case 0...3: return try await testbed.run("run")
                    case 4...5: return try await CutTrials.run(testbed, through: .cutBefore(point))
                    case 6...7: return try await CutTrials.run(testbed, through: .cutAfter(point))
                    default:
                        return try await testbed.withRunning(["run"]) { child in
                            try await Task.sleep(for: delay)
                            await child.send(choice == 8 ? SIGKILL : SIGTERM)
                            return try await child.outcome()
                        }
                    }
                }
            }
        }
    }
}
