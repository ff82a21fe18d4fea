import Foundation
import Holdings
import Synchronization

/// Makes servers, and tries one trial after the other on each.
struct TrialRunner: Sendable {
    let tools: ServerTools
    let program: Testbed.Program
    /// Everything that the harness makes lies in it.
    let folder: URL
    let seed: UInt64

    /// The last is for trials that wait, until there are none left.
    private static let benchCount = 3

    /// Runs `body` with one bench per server; stops the servers afterwards.
    func withBenches<Value>(_ body: ([Bench]) async throws -> Value) async throws -> Value {
        let template = try await Testbed.makeTemplate(tools, program, in: folder.appendingPathComponent("template"))
        let evidence = Evidence()
        var benches: [Bench] = []
        let result: Result<Value, any Error>
        do {
            for number in 0..<Self.benchCount {
                benches.append(try await makeBench(number, template, evidence))
            }
            result = .success(try await body(benches))
        } catch {
            result = .failure(error)
        }
        for bench in benches where bench.testbed.cluster.isRunning {
            try? await bench.testbed.cluster.stop(.immediate)
        }
        return try result.get()
    }

    private func makeBench(_ number: Int, _ template: Cluster, _ evidence: Evidence) async throws -> Bench {
        let cluster = try await template.copy(to: folder.appendingPathComponent("server\(number)"))
        try await cluster.start()
        let work = folder.appendingPathComponent("work\(number)")
        let testbed = try Testbed(
            cluster: cluster, database: Testbed.template, folder: work, program: program, evidence: evidence)
        try await testbed.keepPristine()
        return Bench(
            tools: tools, program: program, evidence: evidence, template: template, testbed: testbed, folder: work,
            seed: seed)
    }

    /// Tries trials: those that wait, and those that need a server only, side by side; then those that need the machine
    /// one by one.
    func run(_ trials: [(number: Int, trial: Trial)], on benches: [Bench]) async throws -> FaultReport {
        let start = ContinuousClock.now
        let progress = ProgressLine(total: trials.count)
        let busy = TrialQueue(trials.filter { $0.trial.place == .server })
        let aside = TrialQueue(trials.filter { $0.trial.place == .aside })
        var results = await withTaskGroup(of: [FaultReport.Result].self) { group in
            for (index, bench) in benches.enumerated() {
                group.addTask {
                    var results: [FaultReport.Result] = []
                    for queue in index == benches.count - 1 ? [aside, busy] : [busy] {
                        while let next = queue.next() {
                            results.append(await attempt(next.number, next.trial, bench))
                            progress.advance()
                        }
                    }
                    return results
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        for (number, trial) in trials where trial.place == .machine {
            results.append(await attempt(number, trial, benches[0]))
            progress.advance()
        }
        results.sort { $0.number < $1.number }
        return FaultReport(
            results: results, evidence: benches[0].evidence.figures, seed: seed,
            duration: ContinuousClock.now - start)
    }

    private func attempt(_ number: Int, _ trial: Trial, _ bench: Bench) async -> FaultReport.Result {
        let start = ContinuousClock.now
        var finding: Trial.Finding
        do {
            finding = try await trial.body(bench)
        } catch {
            finding = Trial.Finding(problems: ["the harness could not go on: \(error)"])
        }
        if !finding.problems.isEmpty {
            FileHandle.standardError.write(
                Data("\(number) \(trial.name): \(finding.problems.joined(separator: "; "))\n".utf8))
            // The next trial shall not suffer from what this one has left.
            if !bench.testbed.cluster.isRunning { try? await bench.testbed.cluster.start() }
            try? await bench.testbed.renew()
        }
        return FaultReport.Result(
            number: number, name: trial.name, kind: trial.kind, finding: finding,
            seconds: (ContinuousClock.now - start) / .seconds(1))
    }
}

/// Hands out trials to whoever is free.
private final class TrialQueue: Sendable {
    private let waiting: Mutex<ArraySlice<(number: Int, trial: Trial)>>

    init(_ trials: [(number: Int, trial: Trial)]) {
        waiting = Mutex(trials[...])
    }

    func next() -> (number: Int, trial: Trial)? {
        waiting.withLock { $0.popFirst() }
    }
}

/// Says on standard error how far it has come, now and then.
private final class ProgressLine: Sendable {
    private let total: Int
    private let state = Mutex((done: 0, last: ContinuousClock.now))

    init(total: Int) {
        self.total = total
    }

    func advance() {
        let done = state.withLock { state -> Int? in
            state.done += 1
            guard ContinuousClock.now - state.last > .seconds(20) else { return nil }
            state.last = ContinuousClock.now
            return state.done
        }
        if let done { FileHandle.standardError.write(Data("\(done) of \(total) trials\n".utf8)) }
    }
}
