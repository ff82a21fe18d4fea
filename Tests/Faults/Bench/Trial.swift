import Foundation
import Holdings
import TestSupport

/// One fault at one point, and what must hold afterwards.
struct Trial: Sendable {
    /// What came of a trial.
    enum Verdict: String, Sendable {
        case passed
        /// Something did not hold.
        case failed
        /// It could not be tried here.
        case skipped
        /// The fault did not happen this time, so nothing was tried.
        case notReached = "not reached"
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
        /// Beside those on a server of its own, since it waits for most of its time.
        case aside
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
        /// Whether the fault has happened.
        var isReached = true
        /// Whether this was a point at which a run was broken off or disturbed.
        var isKillPoint = false
        /// Whether the program ended without knowing whether it has published.
        var isUnknown = false

        static func skipped(_ reason: String) -> Finding { Finding(skipped: reason) }

        var verdict: Verdict {
            if !problems.isEmpty { return .failed }
            if skipped != nil { return .skipped }
            return isReached ? .passed : .notReached
        }

        /// What several faults of one trial have found together.
        init(of findings: [Finding]) {
            self.init(
                problems: findings.flatMap(\.problems), reads: findings.map(\.reads).reduce(Monitor.Figures(), +),
                isReached: findings.contains { $0.isReached }, isKillPoint: findings.contains { $0.isKillPoint },
                isUnknown: findings.contains { $0.isUnknown })
            for finding in findings { figures.merge(finding.figures) { max($0, $1) } }
            figures["points"] = Double(findings.count { $0.isReached })
        }

        init(
            problems: [String] = [], skipped: String? = nil, reads: Monitor.Figures = Monitor.Figures(),
            isReached: Bool = true, isKillPoint: Bool = false, isUnknown: Bool = false
        ) {
            (self.problems, self.skipped, self.reads) = (problems, skipped, reads)
            (self.isReached, self.isKillPoint, self.isUnknown) = (isReached, isKillPoint, isUnknown)
        }
    }
}

/// What a trial allows that others do not.
struct Allowance: Sendable {
    /// How many runs the fault may have published.
    var runs = 1
    /// Whether the database stays away for so long that the program may end without knowing what became of its run.
    var unknownEnding = false
    /// SQLSTATEs that a report may meet, as on a standby that replays what it still reads.
    var reportErrors: Set<String> = []
    /// Whether the run under the fault reads other sources than the first run did.
    var otherSources = false
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
    ///   - ending: How the program must end.
    ///   - allowance: What else may be.
    ///   - turn: Taken by `fault` when the fault has happened; nil where it cannot but happen.
    ///   - pause: Time between two reads of the report.
    ///   - fault: Runs the program under the fault, and returns how it ended.
    ///   - repair: Makes the database reachable and usable again, whatever comes of `fault`.
    func disturb(
        _ testbed: Testbed? = nil, ending: ExpectedEnding = .orderly, allowing allowance: Allowance = Allowance(),
        reaching turn: Turn? = nil, readingEvery pause: Duration = .milliseconds(5),
        _ fault: @escaping @Sendable (Testbed) async throws -> ChildProcess.Outcome,
        repair: @escaping @Sendable (Testbed) async throws -> Void = { _ in }
    ) async throws -> Trial.Finding {
        let testbed = testbed ?? self.testbed
        let judge = Judge(testbed: testbed)
        let before = try await judge.state()
        var contract = Monitor.Contract(testbed)
        contract.tolerated = allowance.reportErrors
        let (result, reads) = try await Monitor.watching(contract, pause: pause) {
            let outcome = try await cleaningUp {
                try await fault(testbed)
            } with: {
                try await repair(testbed)
            }
            let end = ContinuousClock.now
            var problems = try await judge.awaitSilence()
            problems += ending.problems(with: outcome)
            problems += try await judge.afterFault(before, outcome, allowance)
            let rerun = try await testbed.run("run")
            let recovery = (ContinuousClock.now - end) / .milliseconds(1)
            problems += try await judge.afterRerun(before, rerun, allowance)
            return (outcome, problems, recovery)
        }
        let (outcome, problems, recovery) = result
        let isReached = turn?.isTaken ?? true
        var finding = Trial.Finding(
            problems: problems + reads.problems, reads: reads, isReached: isReached, isKillPoint: isReached,
            isUnknown: Judge.claim(of: outcome) == .unknown)
        finding.figures["recovery_ms"] = recovery
        return finding
    }
}
