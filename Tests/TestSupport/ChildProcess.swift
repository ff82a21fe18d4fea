public import Foundation

/// A program that a test runs, with its output in files, so that it never waits for somebody to read it.
public actor ChildProcess {
    /// How a program ended.
    public enum Ending: Sendable, Equatable {
        /// By itself, with this exit code.
        case exit(Int32)
        /// By this signal.
        case signal(Int32)
    }

    /// What a program left behind.
    public struct Outcome: Sendable {
        /// How it ended.
        public let ending: Ending
        /// What it wrote to standard output.
        public let output: String
        /// What it wrote to standard error.
        public let errors: String

        /// Lines on standard error.
        public var errorLines: [Substring] { errors.split(separator: "\n") }
    }

    /// A program that did not do within its time what was expected of it.
    public struct Overdue: Error, CustomStringConvertible {
        /// What was waited for, and what the program had written to standard error by then.
        public let description: String
    }

    /// The program's process id.
    public nonisolated let processID: Int32

    private let process: Process
    private let files: (output: URL, errors: URL)

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - executable: The program's file.
    ///   - arguments: Its arguments.
    ///   - environment: All of its environment but `PATH` and `HOME`, which it shares with the tests, as it does what
    ///     sanitizers and measuring coverage need.
    ///   - folder: Where it runs and its output is kept.
    private init(_ executable: URL, _ arguments: [String], environment: [String: String], in folder: URL) throws {
        let name = UUID().uuidString
        files = (folder.appendingPathComponent("\(name).out"), folder.appendingPathComponent("\(name).err"))
        for file in [files.output, files.errors] { try Data().write(to: file) }
        let own = ProcessInfo.processInfo.environment
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        let shared = own.filter { name, _ in
            ["PATH", "HOME", "LLVM_PROFILE_FILE"].contains(name) || name.hasSuffix("SAN_OPTIONS")
        }
        process.environment = shared.merging(environment) { $1 }
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: files.output)
        process.standardError = try FileHandle(forWritingTo: files.errors)
        try Self.withoutBlockedSignals { try process.run() }
        processID = process.processIdentifier
        self.process = process
    }

    /// A child inherits its signal mask, and the threads that run tests block nearly all signals.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var (none, previous) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        try body()
    }

    /// Starts a program, and kills it after `body` if it still runs.
    public static func withRunning<Value: Sendable>(
        _ executable: URL, _ arguments: [String], environment: [String: String] = [:], in folder: URL,
        _ body: (ChildProcess) async throws -> Value
    ) async throws -> Value {
        let child = try ChildProcess(executable, arguments, environment: environment, in: folder)
        do {
            let value = try await body(child)
            await child.send(SIGKILL)
            return value
        } catch {
            await child.send(SIGKILL)
            throw error
        }
    }

    /// Runs a program to its end.
    public static func run(
        _ executable: URL, _ arguments: [String], environment: [String: String] = [:], in folder: URL,
        within limit: Duration = .seconds(60)
    ) async throws -> Outcome {
        try await withRunning(executable, arguments, environment: environment, in: folder) {
            try await $0.outcome(within: limit)
        }
    }

    /// Sends a signal to the program; does nothing if it has ended.
    public func send(_ signal: Int32) {
        if process.isRunning { kill(processID, signal) }
    }

    /// Waits until the program has written a text to standard error.
    public func waitForError(containing text: String, within limit: Duration = .seconds(60)) async throws {
        try await wait(for: "\"\(text)\" on standard error", within: limit) {
            if try errors().contains(text) { return true }
            if !process.isRunning { throw Overdue(description: "ended without \"\(text)\": \(try errors())") }
            return false
        }
    }

    /// Waits for the end of the program.
    public func outcome(within limit: Duration = .seconds(60)) async throws -> Outcome {
        try await wait(for: "the program's end", within: limit) { !process.isRunning }
        let status = process.terminationStatus
        return Outcome(
            ending: process.terminationReason == .exit ? .exit(status) : .signal(status),
            output: String(decoding: try Data(contentsOf: files.output), as: UTF8.self), errors: try errors())
    }

    private func errors() throws -> String {
        String(decoding: try Data(contentsOf: files.errors), as: UTF8.self)
    }

    private func wait(for what: String, within limit: Duration, _ isDone: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + limit * TestPatience.factor
        while try !isDone() {
            guard ContinuousClock.now < deadline else {
                throw Overdue(description: "waited \(limit) for \(what): \(try errors())")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// A folder under the system's temporary one, for one test.
public enum TemporaryFolder {
    /// Runs `body` with a new folder, and removes it afterwards.
    public static func with<Value: Sendable>(_ body: (URL) async throws -> Value) async throws -> Value {
        // The plain, short path leaves room for the 107 bytes of a socket's name.
        let path = "/tmp/peerfolio-test.\(UUID().uuidString.prefix(13).lowercased())"
        let folder = URL(fileURLWithPath: path, isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }
}
