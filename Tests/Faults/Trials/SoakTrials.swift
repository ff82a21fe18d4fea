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
            // Many runs meet nothing, as in life, so that slots fill and old runs are swept.
            guard choice > 3 else {
                return Trial("soak-undisturbed@\(number)", tier: .quick) { bench in
                    var finding = try await bench.disturb(ending: .exit(0)) { try await $0.run("run") }
                    finding.isKillPoint = false
                    return finding
                }
            }
            return Trial("soak@\(number)", tier: .quick) { bench in
                let reached = Turn()
                let signal = choice == 8 ? SIGKILL : SIGTERM
                let isSignal = choice > 7
                // So early that it does not listen yet, it ends by the signal itself.
                let told: ExpectedEnding = choice == 8 ? .signal(SIGKILL) : .exit(143).or(.signal(SIGTERM))
                return try await bench.disturb(
                    ending: isSignal ? .exit(0).or(told) : .orderly, reaching: reached
                ) { testbed in
                    guard isSignal else {
                        let fault: CuttingProxy.Fault = choice < 6 ? .cutBefore(point) : .cutAfter(point)
                        return try await CutTrials.run(testbed, through: fault, reaching: reached)
                    }
                    return try await testbed.withRunning(["run"]) { child in
                        try await Task.sleep(for: delay)
                        await child.send(signal)
                        let outcome = try await child.outcome()
                        // One that has published before it was told is none that was disturbed.
                        if outcome.ending != .exit(0) { reached.take() }
                        return outcome
                    }
                }
            }
        }
    }
}
