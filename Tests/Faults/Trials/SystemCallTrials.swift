import Foundation
import TestSupport

/// The process is killed at every send and receive, and every system call that can fail fails once
/// (catalogue 8, 25 to 27).
///
/// `strace` counts the calls of each thread by themselves: the first thread that gets to the N-th meets the fault.
enum SystemCallTrials {
    /// A call that fails, and how; and how the program may end then.
    private static let failures: [(call: String, error: String, ending: ExpectedEnding)] = [
        ("mmap", "ENOMEM", .orderly.or(.outOfMemory)), ("brk", "ENOMEM", .orderly.or(.outOfMemory)),
        ("openat", "EMFILE", .orderly), ("read", "EIO", .orderly),
        ("socket", "EMFILE", .orderly), ("connect", "ETIMEDOUT", .orderly), ("recvfrom", "ECONNRESET", .orderly),
        ("sendto", "EINTR", .orderly), ("write", "ENOSPC", .orderly), ("poll", "EINTR", .orderly),
        ("clone3", "EAGAIN", .orderly),
        // Waiting may be interrupted, and waking others never is in life: strace cannot tell the one from the other.
        (
            "futex", "EINTR",
            .orderly.or(.signal(SIGABRT, saying: "The futex facility returned an unexpected error code"))
        ),
    ]

    static func all(_ bench: Bench) async throws -> [Trial] {
        guard FileManager.default.fileExists(atPath: strace) else {
            return [Trial("system-calls", tier: .quick) { _ in .skipped("strace is not installed") }]
        }
        let points = try await points(of: bench.testbed)
        let kills = ["sendto", "recvfrom"].flatMap { call in
            points[call, default: 1..<2].map { number in
                trial(
                    "kill-\(call)@\(number)", tier: number % 12 == 0 ? .quick : .full, call,
                    "signal=SIGKILL:when=\(number)", ending: .orderly.or(.signal(SIGKILL)))
            }
        }
        let errors = failures.flatMap { call, error, ending in
            let numbers = points[call, default: 1..<1]
            // Of each kind one is quick, and more where there are many; not the last, which not every run gets to.
            let first = min(numbers.lowerBound + 12, (numbers.lowerBound + numbers.upperBound - 1) / 2)
            return numbers.map { number in
                trial(
                    "\(call)-\(error)@\(number)", tier: (number - first).isMultiple(of: 24) ? .quick : .full, call,
                    "error=\(error):when=\(number)", ending: ending)
            }
        }
        return kills + errors
    }

    private static let strace = "/usr/bin/strace"

    /// Numbers of the calls of each kind that a thread makes in a run that meets no fault, without those of the loader:
    /// while it works, nothing of the program has run.
    private static func points(of testbed: Testbed) async throws -> [String: Range<Int>] {
        let log = testbed.folder.appendingPathComponent("strace.log")
        let calls = Set(failures.map(\.call) + ["munmap"]).sorted().joined(separator: ",")
        let outcome = try await testbed.run(
            "run", wrapper: [strace, "-f", "-qq", "-e", "trace=\(calls)", "-o", log.path])
        guard outcome.ending == .exit(0) else { throw Failure("a run under strace: \(outcome.errors)") }
        var counts: [Substring: [String: Int]] = [:]
        var loaded: [String: Int]?
        for line in String(decoding: try Data(contentsOf: log), as: UTF8.self).split(separator: "\n") {
            // A line is the thread's number and the call; a call that was interrupted by others has a second line.
            let words = line.prefix { $0 != "(" }.split(separator: " ")
            guard words.count == 2 else { continue }
            // The last that the loader does is to let go of its list of libraries.
            if words[1] == "munmap", loaded == nil { loaded = counts[words[0], default: [:]] }
            counts[words[0], default: [:]][String(words[1]), default: 0] += 1
        }
        let most = counts.values.reduce(into: [:]) { $0.merge($1) { max($0, $1) } }
        return most.reduce(into: [:]) { points, count in
            let first = (loaded?[count.key] ?? 0) + 1
            points[count.key] = first..<max(first, count.value + 1)
        }
    }

    private static func trial(
        _ name: String, tier: Trial.Tier, _ call: String, _ injection: String, ending: ExpectedEnding
    ) -> Trial {
        Trial(name, tier: tier) { bench in
            let reached = Turn()
            return try await bench.disturb(ending: ending, reaching: reached) { testbed in
                let log = testbed.folder.appendingPathComponent("strace.log")
                // Without `timeout`, which ends the whole group, a program that is overdue would go on after strace.
                let outcome = try await testbed.run(
                    "run",
                    wrapper: [
                        "timeout", "--signal=KILL", "50", strace, "-f", "-q", "-o", log.path, "-e", "trace=\(call)",
                        "-e", "inject=\(call):\(injection)",
                    ])
                let text = String(decoding: try Data(contentsOf: log), as: UTF8.self)
                if ["(INJECTED)", "+++ killed by SIGKILL +++"].contains(where: text.contains) { reached.take() }
                return outcome
            }
        }
    }
}
