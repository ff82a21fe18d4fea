import Foundation
import Synchronization
import TestSupport

/// Searches everything that the program shows for passwords and ids (assertion A6).
final class Evidence: Sendable {
    private struct State {
        var outputs = 0
        var bytes = 0
        var leaks: [String] = []
    }

    private let state = Mutex(State())
    private static let canaries = [Warehouse.password, "canary", Warehouse.iban, Canary.amount]

    /// Outputs searched, their bytes, and where something was found that must not be there.
    var figures: (outputs: Int, bytes: Int, leaks: [String]) {
        state.withLock { ($0.outputs, $0.bytes, $0.leaks) }
    }

    /// Searches what a program has printed.
    func search(_ outcome: ChildProcess.Outcome, of what: String) {
        search(outcome.output, "standard output of \(what)")
        search(outcome.errors, "standard error of \(what)")
    }

    /// Searches what everybody on the machine can see of a process that runs: its arguments.
    func search(processID: Int32) {
        let arguments = (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(processID)/cmdline"))) ?? Data()
        search(String(decoding: arguments, as: UTF8.self), "arguments of a process")
    }

    /// Searches a text; only the place of a leak is kept, never the text.
    func search(_ text: String, _ place: String) {
        let isLeak = Self.canaries.contains { text.contains($0) }
        state.withLock { state in
            state.outputs += 1
            state.bytes += text.utf8.count
            if isLeak { state.leaks.append(place) }
        }
    }
}
