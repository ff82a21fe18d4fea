import Foundation
import Synchronization
import TestSupport

/// The connection is cut before and after every message, or everything falls silent at one (catalogue 6, 7, 9).
enum CutTrials {
    /// So many messages at which everything falls silent: half of them COMMITs from the last one back, since those are
    /// what nobody may be wrong about, and half spread evenly.
    private static let silentPoints = 24
    /// Seconds after which a program must have given up: 40 for the operation that got no answer, 3 to connect again for
    /// the run log (`timeouts.connect`), and 2 for everything else.
    private static let longestSilence = 45.0
    /// The same for a run whose COMMIT got no answer: it asks for 60 s more what became of it, and connects once more.
    private static let longestSilenceAtPublish = longestSilence + 60 + 3

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
            publication("cut-before", .cutBefore(CuttingProxy.publication)),
            publication("cut-after", .cutAfter(CuttingProxy.publication)),
            publication("silence", .silence(CuttingProxy.publication), tier: .full),
        ]
    }

    /// A fault at the one COMMIT that nobody may be wrong about; its number differs from run to run.
    private static func publication(
        _ name: String, _ fault: CuttingProxy.Fault, tier: Trial.Tier = .quick
    ) -> Trial {
        Trial("publication@\(name)", tier: tier) { bench in
            try await bench.disturb { testbed in
                let proxy = try CuttingProxy(testbed, fault: fault)
                defer { proxy.stop() }
                let outcome = try await testbed.run(
                    "run", connection: testbed.service(port: proxy.port), within: .seconds(120))
                guard proxy.isReached else { throw Failure("the run has not come to its publication") }
                return outcome
            }
        }
    }

    private static func trial(_ kind: String, _ number: Int, _ fault: CuttingProxy.Fault) -> Trial {
        Trial("\(kind)@\(number)", tier: number % 16 == 0 ? .quick : .full) { bench in
            try await bench.disturb { try await run($0, through: fault) }
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
    static func run(
        _ testbed: Testbed, through fault: CuttingProxy.Fault
    ) async throws -> ChildProcess.Outcome {
        let proxy = try CuttingProxy(testbed, fault: fault)
        defer { proxy.stop() }
        return try await testbed.run("run", connection: testbed.service(port: proxy.port))
    }

    /// A server that says it is of a version which is not supported (catalogue 58).
    private static let oldServer = Trial("server@too-old", tier: .quick) { bench in
        try await bench.disturb(exit: 69, saying: "version 13 or newer") { testbed in
            try await run(testbed, through: .version("9.6.24"))
        }
    }

    // MARK: Silence

    /// All silent peers at once, in a database each: they wait, and need no processor.
    private static func silence(_ messages: [CuttingProxy.Passage]) -> Trial {
        Trial("silence", place: .machine) { bench in
            let half = silentPoints / 2
            let commits = messages.indices.filter { messages[$0].isCommit }.suffix(half).map { $0 + 1 }
            let spread = (0..<half).map { 1 + $0 * (messages.count - 1) / (half - 1) }
            let points = Set(commits + spread).sorted()
            var findings: [Trial.Finding] = []
            try await withThrowingTaskGroup(of: Trial.Finding.self) { group in
                for point in points {
                    group.addTask { try await silence(at: point, bench) }
                }
                for try await finding in group { findings.append(finding) }
            }
            var total = Trial.Finding(isKillPoint: true)
            total.problems = findings.flatMap(\.problems)
            total.reads = findings.map(\.reads).reduce(Monitor.Figures(), +)
            total.figures["longest_s"] = findings.compactMap { $0.figures["seconds"] }.max()
            total.figures["longest_at_publish_s"] = findings.compactMap { $0.figures["seconds_at_publish"] }.max()
            total.figures["points"] = Double(points.count)
            total.isUnknown = findings.contains { $0.isUnknown }
            return total
        }
    }

    private static func silence(at point: Int, _ bench: Bench) async throws -> Trial.Finding {
        let testbed = try await bench.testbed.sibling("silence_\(point)")
        let proxy = try CuttingProxy(testbed, fault: .silence(point))
        let measured = Mutex((seconds: 0.0, isPublishing: false))
        var finding = try await bench.disturb(testbed) { testbed in
            let start = ContinuousClock.now
            let outcome = try await testbed.run(
                "run", connection: testbed.service(port: proxy.port), within: .seconds(120))
            measured.withLock {
                $0 = ((ContinuousClock.now - start) / .seconds(1), outcome.errors.contains("publishing"))
            }
            return outcome
        } repair: { _ in
            proxy.stop()
        }
        let (seconds, isPublishing) = measured.withLock { $0 }
        let limit = isPublishing ? longestSilenceAtPublish : longestSilence
        finding.figures[isPublishing ? "seconds_at_publish" : "seconds"] = seconds
        if seconds > limit { finding.problems.append("R12: it waited for \(seconds) s and not for \(limit)") }
        finding.problems = finding.problems.map { "at message \(point): \($0)" }
        try await testbed.remove()
        return finding
    }
}

extension CuttingProxy {
    convenience init(_ testbed: Testbed, fault: Fault = .none) throws {
        let cluster = testbed.cluster
        try self.init(socketPath: "\(cluster.folder.path)/.s.PGSQL.\(cluster.port)", fault: fault)
    }
}
