import Foundation
import Holdings
import Synchronization
import TestSupport

/// The connection is cut before and after every message, or everything falls silent at one (catalogue 6, 7, 9).
enum CutTrials {
    /// So many messages at which everything falls silent: half of them COMMITs from the last one back, since those are
    /// what nobody may be wrong about, and half spread evenly.
    private static let silentPoints = 24
    /// The longest that an operation without a limit of its own waits: what connections are opened with.
    private static let longestOperation = 40.0
    /// What an operation waits beyond the server's own limit for its statements.
    private static let beyondStatement = 10.0
    /// What stopping the commands of other connections takes at most.
    private static let stopping = 5.0
    /// For so long a run whose COMMIT got no answer asks what became of it.
    private static let asking = 60.0

    /// Seconds after which a program must have given up: the deadline of the operation that got no answer, at which others
    /// that have begun at the same time end as well or are stopped; then one more attempt to connect, for the run log
    /// or for the last question; and 2 for everything else.
    private static func limit(_ silence: CuttingProxy.Silence) -> Double {
        let operation = silence.statementTimeout.map { $0 / .seconds(1) + beyondStatement } ?? longestOperation
        let ended = min(operation + stopping, longestOperation) + (silence.isPublication ? asking : 0)
        return ended + Double(Warehouse.connectTimeout) + 2
    }

    static func all(_ bench: Bench) async throws -> [Trial] {
        let messages = try await messages(of: bench.testbed)
        let befores = messages.indices.map { trial("cut-before", $0 + 1, .cutBefore($0 + 1)) }
        // After a message that its sender follows up with another, a cut is the same as the one before that other.
        let afters = messages.indices.filter { index in
            let next = messages[(index + 1)...].first { $0.link == messages[index].link }
            return next?.isServer != messages[index].isServer
        }
        return befores + afters.map { trial("cut-after", $0 + 1, .cutAfter($0 + 1)) } + [
            silence(messages), oldServer,
            publication("cut-before", [before(CuttingProxy.publication)], ending: .exit(69)),
            publication("cut-after", [after(CuttingProxy.publication)], ending: .exit(0)),
            // Who asks what became of it gets no answer, either, and must ask again.
            publication(
                "cut-twice", [after(CuttingProxy.publication), after(CuttingProxy.question)], ending: .exit(0)),
            publication(
                "cut-before-and-twice", [before(CuttingProxy.publication), after(CuttingProxy.question)],
                ending: .exit(69)),
            Trial("publication@silence", place: .aside) { bench in
                let finding = try await silence(at: CuttingProxy.publication, bench.testbed, bench)
                guard finding.isReached else { throw Failure("the run has not come to its publication") }
                return finding
            },
        ]
    }

    private static func before(_ message: Int) -> CuttingProxy.Cut {
        CuttingProxy.Cut(message: message, passesOn: false)
    }
    private static func after(_ message: Int) -> CuttingProxy.Cut { CuttingProxy.Cut(message: message, passesOn: true) }

    /// Cuts at the one COMMIT that nobody may be wrong about; its number differs from run to run.
    private static func publication(
        _ name: String, _ cuts: [CuttingProxy.Cut], ending: ExpectedEnding
    ) -> Trial {
        Trial("publication@\(name)", tier: .quick) { bench in
            let reached = Turn()
            let finding = try await bench.disturb(ending: ending, reaching: reached) {
                try await run($0, through: .cuts(cuts), reaching: reached)
            }
            guard finding.isReached else { throw Failure("the run has not come to its publication") }
            return finding
        }
    }

    private static func trial(_ kind: String, _ number: Int, _ fault: CuttingProxy.Fault) -> Trial {
        Trial("\(kind)@\(number)", tier: number % 16 == 0 ? .quick : .full) { bench in
            let reached = Turn()
            return try await bench.disturb(reaching: reached) {
                try await run($0, through: fault, reaching: reached)
            }
        }
    }

    /// What a run that meets no fault says and hears.
    static func messages(of testbed: Testbed) async throws -> [CuttingProxy.Passage] {
        let proxy = try CuttingProxy(testbed)
        defer { proxy.stop() }
        let outcome = try await testbed.run("run", connection: testbed.service(port: proxy.port))
        guard outcome.ending == .exit(0) else { throw Failure("a run through the proxy: \(outcome.errors)") }
        return proxy.messages
    }

    /// Runs the program through a proxy with a fault.
    ///
    /// - Parameter turn: Taken if the fault has happened.
    static func run(
        _ testbed: Testbed, through fault: CuttingProxy.Fault, reaching turn: Turn? = nil
    ) async throws -> ChildProcess.Outcome {
        let proxy = try CuttingProxy(testbed, fault: fault)
        defer { proxy.stop() }
        let outcome = try await testbed.run("run", connection: testbed.service(port: proxy.port))
        if proxy.isReached { turn?.take() }
        return outcome
    }

    /// A server that says it is of a version which is not supported (catalogue 58).
    private static let oldServer = Trial("server@too-old", tier: .quick) { bench in
        try await bench.disturb(ending: .exit(69, saying: "version 13 or newer")) { testbed in
            try await run(testbed, through: .version("9.6.24"))
        }
    }

    // MARK: Silence

    /// All silent peers at once, in a database each: they wait, and need no processor.
    private static func silence(_ messages: [CuttingProxy.Passage]) -> Trial {
        Trial("silence", place: .aside) { bench in
            let half = silentPoints / 2
            let commits = messages.indices.filter { messages[$0].isCommit }.suffix(half).map { $0 + 1 }
            let spread = (0..<half).map { 1 + $0 * (messages.count - 1) / (half - 1) }
            let points = Set(commits + spread).sorted()
            return try await withThrowingTaskGroup(of: Trial.Finding.self) { group in
                for (index, point) in points.enumerated() {
                    group.addTask {
                        // One after the other, so that none is late because all others start.
                        try await Task.sleep(for: .milliseconds(400 * index))
                        let testbed = try await bench.testbed.sibling("silence_\(point)")
                        return try await cleaningUp {
                            try await silence(at: point, testbed, bench)
                        } with: {
                            try await testbed.remove()
                        }
                    }
                }
                return Trial.Finding(of: try await group.reduce(into: []) { $0.append($1) })
            }
        }
    }

    private static func silence(
        at point: Int, _ testbed: Testbed, _ bench: Bench
    ) async throws -> Trial.Finding {
        let proxy = try CuttingProxy(testbed, fault: .silence(point))
        let reached = Turn()
        let measured = Mutex(0.0)
        var finding = try await bench.disturb(
            testbed, allowing: Allowance(unknownEnding: true), reaching: reached, readingEvery: .milliseconds(250)
        ) { testbed in
            let outcome = try await testbed.run(
                "run", connection: testbed.service(port: proxy.port), within: .seconds(150))
            if let start = proxy.silence?.start {
                reached.take()
                measured.withLock { $0 = (ContinuousClock.now - start) / .seconds(1) }
            }
            return outcome
        } repair: { _ in
            proxy.stop()
        }
        if let silence = proxy.silence {
            let (seconds, limit) = (measured.withLock { $0 }, limit(silence))
            finding.figures[silence.isPublication ? "longest_at_publish_s" : "longest_s"] = seconds
            if seconds > limit { finding.problems.append("R12: it waited for \(seconds) s and not for \(limit)") }
        }
        finding.problems = finding.problems.map { "at message \(point): \($0)" }
        return finding
    }
}

extension CuttingProxy {
    convenience init(_ testbed: Testbed, fault: Fault = .none) throws {
        let cluster = testbed.cluster
        try self.init(socketPath: "\(cluster.folder.path)/.s.PGSQL.\(cluster.port)", fault: fault)
    }
}
