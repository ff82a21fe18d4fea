import Foundation
import TestSupport

/// One fault at one point, and what must hold afterwards.
struct Trial: Sendable {
    /// What came of a trial.
    enum Verdict: Sendable {
        case passed
        /// What did not hold.
        case failed([String])
        /// Why it could not be tried here; never counted as passed.
        case skipped(String)
    }

    /// Which calls of the harness try it.
    enum Tier: Int, Comparable, Sendable {
        /// Every call.
        case quick
        /// All but `--quick`.
        case full
        /// Only when it is named.
        case named

        static func < (first: Tier, second: Tier) -> Bool { first.rawValue < second.rawValue }
    }

    /// Where a trial takes place.
    enum Place: Sendable {
        /// On a server that it has to itself meanwhile, beside trials on other servers.
        case server
        /// Alone on the machine, since it measures or keeps the machine busy.
        case machine
    }

    /// Kind and point, such as `cut-after@149`; names it on the command line.
    let name: String
    let tier: Tier
    let place: Place
    let body: @Sendable (Bench) async throws -> Finding

    init(
        _ name: String, tier: Tier = .full, place: Place = .server,
        _ body: @escaping @Sendable (Bench) async throws -> Finding
    ) {
        (self.name, self.tier, self.place, self.body) = (name, tier, place, body)
    }

    /// The name without the point.
    var kind: String { String(name.prefix { $0 != "@" }) }

    /// What a trial has found.
    struct Finding: Sendable {
        /// What did not hold; empty if all did.
        var problems: [String] = []
        /// Why it could not be tried here.
        var skipped: String?
        /// Figures of the trial by name, such as `rollback_ms`.
        var figures: [String: Double] = [:]
        /// What reports read meanwhile.
        var reads = Monitor.Figures()
        /// Whether this was a point at which a run was broken off or disturbed.
        var isKillPoint = false
        /// Whether the program ended without knowing whether it has published.
        var isUnknown = false

        static func skipped(_ reason: String) -> Finding { Finding(skipped: reason) }
    }
}

/// How the program must end, beyond what the judge asserts of every trial.
struct ExpectedEnding: Sendable {
    let codes: Set<Int32>
    let texts: [String]

    /// One of some exit codes, with one of some texts on standard error; without texts any will do.
    static func exit(_ codes: Int32..., saying texts: String...) -> ExpectedEnding {
        ExpectedEnding(codes: Set(codes), texts: texts)
    }

    /// What is different about an ending.
    func problems(with outcome: ChildProcess.Outcome) -> [String] {
        let lastWords = outcome.errorLines.suffix(2).joined(separator: " / ")
        if case .exit(let code) = outcome.ending, codes.contains(code) {
            let isSaid = texts.isEmpty || texts.contains { outcome.errors.contains($0) }
            return isSaid ? [] : ["A2: it did not say \(texts.joined(separator: " or ")): \(lastWords)"]
        }
        return ["A2: it ended with \(outcome.ending) instead of exit \(codes.sorted()): \(lastWords)"]
    }
}

/// What a trial works with: a testbed, and a folder of its own.
struct Bench: Sendable {
    let tools: ServerTools
    let program: Testbed.Program
    let evidence: Evidence
    /// The stopped cluster that others are copied from.
    let template: Cluster
    /// The server that the trial has to itself.
    let testbed: Testbed
    /// Where a trial may put clusters and files of its own.
    let folder: URL
    /// Decides everything that is random.
    let seed: UInt64

    /// Runs the program under a fault while a report reads, judges, runs it again, and judges again.
    ///
    /// Sources that the fault changes are to be as before when `repair` returns.
    ///
    /// - Parameters:
    ///   - testbed: Where; the trial's own unless told otherwise.
    ///   - exit: The exit code with which the program must end; nil where any may be right.
    ///   - words: What it must say on standard error.
    ///   - runs: How many runs the fault may have published.
    ///   - fault: Runs the program under the fault, and returns how it ended.
    ///   - repair: Makes the database reachable and usable again, if the fault was one of the database.
    func disturb(
        _ testbed: Testbed? = nil, exit: Int32? = nil, saying words: String = "", publishing runs: Int = 1,
        _ fault: @escaping @Sendable (Testbed) async throws -> ChildProcess.Outcome,
        repair: @escaping @Sendable (Testbed) async throws -> Void = { _ in }
    ) async throws -> Trial.Finding {
        let testbed = testbed ?? self.testbed
        let judge = Judge(testbed: testbed)
        var finding = Trial.Finding(isKillPoint: true)
        let before = try await judge.state()
        let (result, reads) = try await Monitor.watching(Monitor.Contract(testbed)) {
            let outcome = try await fault(testbed)
            try await repair(testbed)
            let end = ContinuousClock.now
            var problems = try await judge.awaitSilence()
            if let exit, outcome.ending != .exit(exit) {
                problems.append("it ended with \(outcome.ending) and not with \(exit): \(outcome.errors)")
            }
            if !words.isEmpty, !outcome.errors.contains(words) {
                problems.append("it did not say \"\(words)\": \(outcome.errors)")
            }
            problems += try await judge.afterFault(before, outcome, atMost: runs)
            let rerun = try await testbed.run("run")
            let recovery = (ContinuousClock.now - end) / .milliseconds(1)
            problems += try await judge.afterRerun(before, rerun)
            return (outcome, problems, recovery)
        }
        let (outcome, problems, recovery) = result
        finding.problems = problems + reads.wrong.prefix(5).map { "A1: a report read \($0)" }
        finding.reads = reads
        finding.isUnknown = Judge.claim(of: outcome) == .unknown
        finding.figures["recovery_ms"] = recovery
        return finding
    }
}
