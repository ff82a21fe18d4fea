import Foundation
import TestSupport

/// The process is killed at every send and receive, and every system call that can fail fails once
/// (catalogue 8, 25 to 27).
///
/// `strace` counts the calls of each thread by themselves: the first thread that gets to the N-th meets the fault.
enum SystemCallTrials {
    /// A call that fails, and how.
    private static let failures = [
        ("mmap", "ENOMEM"), ("brk", "ENOMEM"), ("openat", "EMFILE"), ("socket", "EMFILE"), ("connect", "ETIMEDOUT"),
        ("read", "EIO"), ("recvfrom", "ECONNRESET"), ("sendto", "EINTR"), ("write", "ENOSPC"), ("poll", "EINTR"),
        ("clone3", "EAGAIN"), ("futex", "EINTR"),
    ]

    static func all(_ bench: Bench) async throws -> [Trial] {
        guard FileManager.default.fileExists(atPath: strace) else {
            return [Trial("system-calls", tier: .quick) { _ in .skipped("strace is not installed") }]
        }
        let counts = try await counts(of: bench.testbed)
        let kills = ["sendto", "recvfrom"].flatMap { call in
            (1...max(1, counts[call, default: 0])).map { number in
                Trial("kill-\(call)@\(number)", tier: number % 12 == 0 ? .quick : .full) { bench in
                    try await bench.disturb { try await run($0, "\(call):signal=SIGKILL:when=\(number)", call) }
                }
            }
        }
        let errors = failures.flatMap { call, error in
            (0..<counts[call, default: 0]).map { index in
                Trial("\(call)-\(error)@\(index + 1)", tier: index % 24 == 12 ? .quick : .full) { bench in
                    try await bench.disturb { try await run($0, "\(call):error=\(error):when=\(index + 1)", call) }
                }
            }
        }
        return kills + errors
    }

    private static let strace = "/usr/bin/strace"

    /// The most calls of each kind that one thread makes in a run that meets no fault.
    private static func counts(of testbed: Testbed) async throws -> [String: Int] {
        let log = testbed.folder.appendingPathComponent("strace.log")
        let calls = Set(failures.map(\.0)).sorted().joined(separator: ",")
        let outcome = try await testbed.run(
            "run", wrapper: [strace, "-f", "-qq", "-e", "trace=\(calls)", "-o", log.path])
        guard outcome.ending == .exit(0) else { throw Failure("a run under strace: \(outcome.errors)") }
        var counts: [Substring: [String: Int]] = [:]
        for line in String(decoding: try Data(contentsOf: log), as: UTF8.self).split(separator: "\n") {
            // A line is the thread's number and the call; a call that was interrupted by others has a second line.
            let words = line.prefix { $0 != "(" }.split(separator: " ")
            guard words.count == 2 else { continue }
            counts[words[0], default: [:]][String(words[1]), default: 0] += 1
        }
        return counts.values.reduce(into: [:]) { $0.merge($1) { max($0, $1) } }
    }

    private static func run(
        _ testbed: Testbed, _ injection: String, _ call: String
    ) async throws -> ChildProcess.Outcome {
        try await testbed.run(
            "run",
            wrapper: [strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e", "inject=\(injection)"])
    }
}
