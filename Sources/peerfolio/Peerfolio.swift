import ArgumentParser
import Foundation
import Scoring
import Synchronization
import UnixSignals

/// The command `peerfolio`.
@main
struct Peerfolio: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peerfolio",
        abstract: "Finds for every client the peers with the closest portfolios, and recommends what they hold.",
        discussion: """
            Results of reads are tables, or JSON with --json, on standard output; everything else goes to standard error.
            Exit codes: 0 done, 1 status has found a problem, 64 usage or configuration, 65 data refused, 69 database unavailable, 70 a bug, \
            75 try again; 130 and 143 after SIGINT and SIGTERM.
            """,
        version: Installation.version,
        subcommands: [
            InitCommand.self, GrantsCommand.self, MigrateCommand.self, CheckCommand.self, RunCommand.self,
            ScheduleCommand.self,
            RequestCommand.self,
            StatusCommand.self,
            RunsCommand.self, PublishCommand.self, RollbackCommand.self, ExplainCommand.self, EvaluateCommand.self,
            ReportCommand.self, DemoCommand.self,
            VersionCommand.self,
        ]
    )

    static func main() async {
        // Swift finds the arguments by way of /proc, and has none at all, not even the program's name, where it cannot
        // read there. Without arguments the program would show its help and end as if it had done what was asked.
        if CommandLine.arguments.isEmpty { Failure(UnreadableArguments()).exit() }
        // The daemon listens to SIGHUP a moment later; before, the signal would end it.
        if CommandLine.arguments.dropFirst().first == ScheduleCommand.configuration.commandName {
            signal(SIGHUP, SIG_IGN)
        }
        do {
            if let daemon = try parsed() as? ScheduleCommand {
                // It has its own way with signals.
                try await daemon.run()
            } else {
                try await runUntilSignal()
            }
        } catch {
            Failure(error).exit()
        }
    }

    /// The command that the arguments name.
    private static func parsed() throws -> any ParsableCommand {
        try parseAsRoot(ExplainCommand.withIDLast(Array(CommandLine.arguments.dropFirst())))
    }

    /// Runs the command that the arguments name.
    ///
    /// The first SIGINT or SIGTERM cancels it, so that it can clean up, and the second ends the process.
    private static func runUntilSignal() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let received = Mutex<Int32?>(nil)
        let work = Task { try await runCommand() }
        let watcher = Task {
            for await signal in signals {
                let isSecond = received.withLock { previous in
                    defer { previous = signal.rawValue }
                    return previous != nil
                }
                if isSecond { _exit(128 + signal.rawValue) }
                work.cancel()
            }
        }
        defer { watcher.cancel() }
        do {
            try await work.value
        } catch is CancellationError {
            throw Cancelled(signal: received.withLock { $0 } ?? SIGTERM)
        }
    }

    private static func runCommand() async throws {
        var command = try parsed()
        if var asynchronous = command as? any AsyncParsableCommand {
            try await asynchronous.run()
        } else {
            try command.run()
        }
    }
}
