public import Foundation
import Synchronization

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

    private let files: (output: URL, errors: URL)
    private let status: ExitStatus

    /// Starts a program.
    ///
    /// By `posix_spawn`, since Foundation's `Process` takes a program for running as long as a server that it has
    /// started holds a descriptor of it, and has crashed once in a few hundred starts while it listed the open ones.
    ///
    /// - Parameters:
    ///   - executable: The program's file.
    ///   - arguments: Its arguments.
    ///   - environment: All of its environment but `PATH` and `HOME`, which it shares with the tests.
    ///   - folder: Where it runs and its output is kept.
    private init(_ executable: URL, _ arguments: [String], environment: [String: String], in folder: URL) throws {
        let name = UUID().uuidString
        files = (folder.appendingPathComponent("\(name).out"), folder.appendingPathComponent("\(name).err"))
        let own = ProcessInfo.processInfo.environment
        let variables = own.filter { ["PATH", "HOME"].contains($0.key) }.merging(environment) { $1 }
        processID = try Self.spawn(
            [executable.path] + arguments, variables.map { "\($0.key)=\($0.value)" }, in: folder, files)
        status = ExitStatus(of: processID)
    }

    private typealias Actions = UnsafeMutablePointer<posix_spawn_file_actions_t>

    private static func closeFrom(_ actions: Actions, _ descriptor: Int32) throws {
        typealias Function = @convention(c) (Actions, Int32) -> Int32
        _ = try unsafeBitCast(symbol("posix_spawn_file_actions_addclosefrom_np"), to: Function.self)(
            actions, descriptor)
    }

    private static func changeFolder(_ actions: Actions, _ path: String) throws {
        typealias Function = @convention(c) (Actions, UnsafePointer<CChar>) -> Int32
        _ = try unsafeBitCast(symbol("posix_spawn_file_actions_addchdir_np"), to: Function.self)(actions, path)
    }

    /// A function of glibc 2.34 that its headers hide from Swift.
    private static func symbol(_ name: String) throws -> UnsafeMutableRawPointer {
        guard let symbol = dlsym(nil, name) else { throw Overdue(description: "this system has no \(name)") }
        return symbol
    }

    private static func spawn(
        _ arguments: [String], _ environment: [String], in folder: URL, _ files: (output: URL, errors: URL)
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (descriptor, file) in [(Int32(1), files.output), (2, files.errors)] {
            posix_spawn_file_actions_addopen(
                &actions, descriptor, file.path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o644)
        }
        try closeFrom(&actions, 3)
        try changeFolder(&actions, folder.path)

        // A child inherits its signal mask, and the threads that run tests block nearly all signals.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let (words, variables) = (arguments.map { strdup($0) }, environment.map { strdup($0) })
        defer { for text in words + variables { free(text) } }
        var processID: Int32 = 0
        let failure = posix_spawn(&processID, arguments[0], &actions, &attributes, words + [nil], variables + [nil])
        guard failure == 0 else { throw Overdue(description: "\(arguments[0]) cannot be started: errno \(failure)") }
        return processID
    }

    /// What the system says of the end of a process, once it has ended.
    private final class ExitStatus: Sendable {
        private let status = Mutex<Int32?>(nil)

        init(of processID: Int32) {
            Thread.detachNewThread {
                // Looked at first and taken in afterwards, so that no signal is sent to another process of its number.
                var information = siginfo_t()
                while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
                self.status.withLock { status in
                    var word: Int32 = 0
                    waitpid(processID, &word, 0)
                    status = word
                }
            }
        }

        /// How the process has ended; nil while it runs.
        var ending: Ending? {
            status.withLock { $0 }.map { $0 & 0x7F == 0 ? .exit($0 >> 8 & 0xFF) : .signal($0 & 0x7F) }
        }

        func send(_ signal: Int32, to processID: Int32) {
            status.withLock { status in
                if status == nil { kill(processID, signal) }
            }
        }
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
        status.send(signal, to: processID)
    }

    /// Waits until the program has written a text to standard error.
    public func waitForError(containing text: String, within limit: Duration = .seconds(60)) async throws {
        try await wait(for: "\"\(text)\" on standard error", within: limit) {
            if try errors().contains(text) { return true }
            if status.ending != nil { throw Overdue(description: "ended without \"\(text)\": \(try errors())") }
            return false
        }
    }

    /// Waits for the end of the program.
    public func outcome(within limit: Duration = .seconds(60)) async throws -> Outcome {
        try await wait(for: "the program's end", within: limit) { status.ending != nil }
        return Outcome(
            ending: status.ending ?? .signal(0),
            output: String(decoding: try Data(contentsOf: files.output), as: UTF8.self), errors: try errors())
    }

    private func errors() throws -> String {
        String(decoding: try Data(contentsOf: files.errors), as: UTF8.self)
    }

    private func wait(for what: String, within limit: Duration, _ isDone: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + limit
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
