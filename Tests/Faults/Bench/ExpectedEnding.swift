import Foundation
import TestSupport

/// How the program must end, beyond what the judge asserts of every trial: in one of several ways.
struct ExpectedEnding: Sendable {
    private struct Way {
        var codes: Set<Int32> = []
        var signals: Set<Int32> = []
        /// One of these is said on standard error; without any it does not matter.
        var texts: [String] = []

        func fits(_ ending: ChildProcess.Ending) -> Bool {
            switch ending {
            case .exit(let code): codes.contains(code)
            case .signal(let signal): signals.contains(signal)
            }
        }
    }

    private var ways: [Way]

    /// One of some exit codes, with one of some texts on standard error; without texts any will do.
    static func exit(_ codes: Int32..., saying texts: String...) -> ExpectedEnding {
        ExpectedEnding(ways: [Way(codes: Set(codes), texts: texts)])
    }

    /// A signal that the trial itself has sent or provoked, with one of some texts on standard error.
    static func signal(_ signal: Int32, saying texts: String...) -> ExpectedEnding {
        ExpectedEnding(ways: [Way(signals: [signal], texts: texts)])
    }

    /// What any fault may end in: the run is published, or one of the refusals that are documented.
    ///
    /// A bug (70), a signal that nobody has sent, and having been stopped when nobody has asked for it are none of them.
    static let orderly = exit(0, 64, 65, 69, 75)

    /// The loader could not load a library, so that nothing of the program has run.
    static let notBegun = exit(127, saying: "error while loading shared libraries")

    /// There was no memory: neither the loader nor Swift's runtime can do anything but end the process, where they can
    /// say anything at all.
    static let outOfMemory = ExpectedEnding(
        ways: [Way(codes: [127], signals: [SIGABRT, SIGBUS, SIGILL, SIGSEGV, SIGTRAP])])

    /// Either of two.
    func or(_ other: ExpectedEnding) -> ExpectedEnding {
        ExpectedEnding(ways: ways + other.ways)
    }

    /// What is different about an ending.
    func problems(with outcome: ChildProcess.Outcome) -> [String] {
        let lastWords = outcome.errorLines.suffix(2).joined(separator: " / ")
        let fitting = ways.filter { $0.fits(outcome.ending) }
        guard !fitting.isEmpty else {
            let wanted = ways.flatMap { way in
                way.codes.sorted().map { "exit \($0)" } + way.signals.sorted().map { "signal \($0)" }
            }
            return ["A2: it ended with \(outcome.ending) instead of \(wanted.joined(separator: ", ")): \(lastWords)"]
        }
        let isSaid = fitting.contains { way in way.texts.isEmpty || way.texts.contains(where: outcome.errors.contains) }
        return isSaid ? [] : ["A2: it did not say \(fitting.flatMap(\.texts).joined(separator: " or ")): \(lastWords)"]
    }
}
