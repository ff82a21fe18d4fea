import Holdings
import Recommending
import TestSupport
import Testing

@testable import Evaluation

/// Which model is chosen, against the rule written out, and on figures of which the right choice is known.
@Suite struct ModelChoiceTests {
    private static func trial(_ metrics: [[Double]], seed: UInt64 = 1) -> ModelTrial {
        ModelTrial(metrics: metrics, seed: seed)
    }

    /// The rule, in as many words as possible.
    private static func expected(_ trials: [ModelTrial], current: Int) throws -> (best: Int, chosen: Int) {
        let windows = try trials.map { try $0.columns() }
        let count = windows[0].count
        func mean(_ candidate: Int) -> Double {
            windows.map { $0[candidate].value }.reduce(0, +) / Double(windows.count)
        }
        func resampledDifferences(_ left: Int, _ right: Int) -> [Double] {
            (0..<Resampling.replicateCount).map { replicate in
                windows.map { $0[left].replicates[replicate] - $0[right].replicates[replicate] }.reduce(0, +)
                    / Double(windows.count)
            }
        }
        func standardError(_ values: [Double]) -> Double {
            let mean = values.reduce(0, +) / Double(values.count)
            return (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count - 1)).squareRoot()
        }
        var best = 0
        for candidate in 1..<count where mean(candidate) > mean(best) { best = candidate }
        var simplest = best
        for candidate in (0..<count).reversed() {
            let allowed = min(standardError(resampledDifferences(best, candidate)), 0.003)
            if mean(best) - mean(candidate) <= allowed { simplest = candidate }
        }
        let gains = resampledDifferences(simplest, current).sorted()
        let low = min(
            mean(simplest) - mean(current), gains[24] + (gains[25] - gains[24]) * (0.025 * 999 - 24))
        return (best, low > 0 ? simplest : current)
    }

    @Test(arguments: 0..<300) func followsTheRule(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let candidateCount = Int.random(in: 1...6, using: &random)
        let spreads: [Double] = [0, 0.001, 0.01, 0.1]
        let spread = spreads.randomElement(using: &random) ?? 0
        let levels = (0..<candidateCount).map { _ in Double.random(in: 0...spread, using: &random) }
        let trials = (0..<Int.random(in: 1...3, using: &random)).map { window -> ModelTrial in
            let count = Int.random(in: 1...200, using: &random)
            let clients = (0..<count).map { _ in Double.random(in: 0...1, using: &random) }
            return Self.trial(
                levels.map { level in
                    clients.map { min(1, max(0, $0 + level + Double.random(in: -0.02...0.02, using: &random))) }
                }, seed: UInt64(window))
        }
        let current = Int.random(in: 0..<candidateCount, using: &random)
        let choice = try ModelChoice(trials: trials, judges: trials, current: current)
        let expected = try Self.expected(trials, current: current)
        #expect(choice.best == expected.best && choice.chosen == expected.chosen)
        #expect((choice.reason == .kept) == (choice.chosen == current && choice.chosen != Self.simplest(choice)))
        for entry in choice.entries { #expect(entry.score.low <= entry.score.value && entry.loss.value >= 0) }
    }

    private static func simplest(_ choice: ModelChoice) -> Int {
        choice.entries.firstIndex { $0.loss.value <= min($0.lossError, ModelChoice.mostLoss) } ?? choice.best
    }

    /// Where all are alike, the simplest is chosen, and a model in use is kept.
    @Test func alike() throws {
        let same = Self.trial([[0.5, 0.25, 1], [0.5, 0.25, 1], [0.5, 0.25, 1]])
        #expect(try ModelChoice(trials: [same], judges: [same], current: 0).chosen == 0)
        let kept = try ModelChoice(trials: [same], judges: [same], current: 2)
        #expect(kept.chosen == 2 && kept.reason == .kept)
    }

    /// A clear lead is taken, however simple the others are; a lead that hangs on one client is not.
    @Test func clearAndUnclear() throws {
        let clients = (0..<400).map { Double($0 % 5) / 5 }
        let better = clients.map { $0 + 0.05 }
        let clear = try ModelChoice(
            trials: [Self.trial([clients, better])], judges: [Self.trial([clients, better])], current: 0)
        #expect(clear.chosen == 1 && clear.reason == .best)
        #expect(clear.entries[1].gain.low > 0)
        var lucky = clients
        (lucky[7], lucky[4]) = (1, 0.5)
        let unclear = try ModelChoice(
            trials: [Self.trial([clients, lucky])], judges: [Self.trial([clients, lucky])], current: 0)
        #expect(unclear.chosen == 0 && unclear.best == 1 && unclear.reason == .simplest)
    }

    /// Judged where no choice has looked: a model that was best by chance is not better there.
    @Test func isJudgedElsewhere() throws {
        var random = SeededGenerator(seed: 5)
        func noise() -> [Double] { (0..<300).map { _ in Double.random(in: 0...1, using: &random) } }
        let (base, chance) = (noise(), noise())
        let choosing = Self.trial([base, base.map { min(1, $0 + 0.1) }])
        let judging = Self.trial([chance, chance])
        let choice = try ModelChoice(trials: [choosing], judges: [judging], current: 0)
        #expect(choice.chosen == 1)
        #expect(choice.entries[1].gain == Estimate(value: 0, low: 0, high: 0))
    }

    /// Every client is in one half, whatever the candidate.
    @Test func halves() {
        let trial = Self.trial([(0..<1000).map(Double.init), (0..<1000).map { -Double($0) }])
        let (first, second) = trial.halves
        #expect(Set(first.metrics[0]).union(second.metrics[0]) == Set(trial.metrics[0]))
        #expect(first.clientCount + second.clientCount == 1000 && abs(first.clientCount - 500) < 60)
        for half in [first, second] { #expect(half.metrics[1] == half.metrics[0].map { -$0 }) }
    }

    @Test func candidatesInTheOrderOfSimplicity() {
        let names = ModelCandidate.all(k: 200, knowsRecentAdditions: true).map(\.name)
        #expect(
            names == [
                "peers, k = 200", "peers, k = 50", "peers, k = 500", "item-conditional", "EASE", "hybrid 1:1:1",
                "hybrid 1:1:1, recency 0.5", "hybrid 1:1:1, recency 1", "softmax",
            ])
        let undated = ModelCandidate.all(k: 200, knowsRecentAdditions: false)
        #expect(undated.allSatisfy { ($0.hybrid?.recency ?? 0) == 0 } && undated.count == 7)
    }
}
